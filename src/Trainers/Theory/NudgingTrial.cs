namespace MLNetMeta.Trainers;

/// <summary>A configuration that the pilot of a <see cref="NudgingAdvice"/> tried.</summary>
public sealed record NudgingTrial
{
    /// <summary>β.</summary>
    public required double NudgingStrength { get; init; }

    /// <summary>Steps of the free phase.</summary>
    public required int AdaptationSteps { get; init; }

    /// <summary>Steps of each nudged phase.</summary>
    public required int NudgedSteps { get; init; }

    /// <summary>Relative error of the meta-gradient; infinite if a phase diverged.</summary>
    public required double Error { get; init; }
}
