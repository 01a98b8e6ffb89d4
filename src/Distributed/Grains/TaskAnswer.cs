namespace MLNetMeta.Distributed.Grains;

/// <summary>What a task adds to a step.</summary>
[GenerateSerializer]
[Alias("MLNetMeta.TaskAnswer")]
internal sealed record TaskAnswer
{
    /// <summary>Number of the task within the step.</summary>
    [Id(0)]
    public required int Number { get; init; }

    /// <summary>ĝ; empty for a validation.</summary>
    [Id(1)]
    public float[] Gradient { get; init; } = [];

    [Id(2)]
    public double Loss { get; init; }

    [Id(3)]
    public double FreeResidual { get; init; }

    [Id(4)]
    public double NudgedResidual { get; init; }

    /// <summary>Error of a validation.</summary>
    [Id(5)]
    public float Error { get; init; }

    /// <summary>Why a phase diverged; null where none did.</summary>
    [Id(6)]
    public string? Divergence { get; init; }
}
