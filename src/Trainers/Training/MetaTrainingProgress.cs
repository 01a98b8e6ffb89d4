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
    /// (standardised units for regression); null where there was no step.
    /// </summary>
    public required double? TrainingLoss { get; init; }

    /// <summary>Mean evaluation loss of the validation tasks after adaptation; NaN where a phase diverged.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>
    /// Classification: mean accuracy on the validation tasks after adaptation, in [0, 1]; null for a regression, and where a phase
    /// diverged.
    /// </summary>
    public required double? ValidationAccuracy { get; init; }

    /// <summary>The validation loss of the best slow parameters so far, which are the ones that are kept; see
    /// <see cref="TrainingOptions.SelectBy"/>.</summary>
    public required double BestValidationLoss { get; init; }

    /// <summary>
    /// What meta-training has gained so far: how much better the best slow parameters are on the validation tasks than those before the
    /// first meta-step, as the mean over tasks of the accuracy gained, or of the squared error of standardised targets saved. The best
    /// were chosen on these very tasks, which flatters them a little. Null where the validation before the first step diverged.
    /// </summary>
    public required double? Gain { get; init; }

    /// <summary>Half the width of the 95 % confidence interval of <see cref="Gain"/>, paired by task; null as that is, and for a single
    /// validation task.</summary>
    public required double? GainInterval95 { get; init; }

    /// <summary>Euclidean norm of the last meta-gradient, before clipping; null where there was no step.</summary>
    public required double? GradientNorm { get; init; }

    /// <summary>Gradient norm left at the end of the last free phase: how far from equilibrium it ended; null where there was no
    /// step.</summary>
    public required double? FreeResidual { get; init; }

    /// <summary>The same for the nudged phases.</summary>
    public required double? NudgedResidual { get; init; }

    /// <summary>Meta-learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Time spent, that before a resumed checkpoint included.</summary>
    public required TimeSpan Elapsed { get; init; }
}
