namespace MLNetMeta.Trainers;

/// <summary>The state of meta-training at one report, after each validation.</summary>
public sealed record MetaTrainingProgress
{
    /// <summary>Meta-steps done: 0 for the report before the first, to <see cref="TotalSteps"/>.</summary>
    public required int Step { get; init; }

    /// <summary>Meta-steps in all.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>
    /// Mean evaluation loss of the adapted meta-training tasks since the last report
    /// (standardised units for regression); NaN before the first step.
    /// </summary>
    public required double TrainingLoss { get; init; }

    /// <summary>Mean evaluation loss of the validation tasks after adaptation; NaN where a phase diverged.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>The lowest validation loss so far; its slow parameters are the ones that are kept.</summary>
    public required double BestValidationLoss { get; init; }

    /// <summary>Euclidean norm of the last meta-gradient, before clipping.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Gradient norm left at the end of the last free phase: how far from equilibrium it ended.</summary>
    public required double FreeResidual { get; init; }

    /// <summary>The same for the nudged phases.</summary>
    public required double NudgedResidual { get; init; }

    /// <summary>Meta-learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Time spent, that before a resumed checkpoint included.</summary>
    public required TimeSpan Elapsed { get; init; }
}
