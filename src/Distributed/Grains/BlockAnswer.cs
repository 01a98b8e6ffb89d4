using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Grains;

/// <summary>What a block of tasks adds to a step, or comes to in a validation.</summary>
[GenerateSerializer]
[Alias("MLNetMeta.BlockAnswer")]
internal sealed record BlockAnswer
{
    /// <summary>Number of the block's first task within the step.</summary>
    [Id(0)]
    public required int First { get; init; }

    /// <summary>Number of its tasks.</summary>
    [Id(1)]
    public required int Tasks { get; init; }

    /// <summary>Σ ĝ; empty for a validation.</summary>
    [Id(2)]
    public float[] Gradient { get; init; } = [];

    /// <summary>Σ L_out.</summary>
    [Id(3)]
    public double Loss { get; init; }

    [Id(4)]
    public double FreeResidual { get; init; }

    [Id(5)]
    public double NudgedResidual { get; init; }

    /// <summary>Errors of a validation, task by task.</summary>
    [Id(6)]
    public float[] Errors { get; init; } = [];

    /// <summary>Why a phase diverged; null where none did.</summary>
    [Id(7)]
    public string? Divergence { get; init; }

    public Contribution ToContribution() => new(Gradient, Tasks, Loss, FreeResidual, NudgedResidual);

    public Validation ToValidation() => new(Loss, Errors);
}
