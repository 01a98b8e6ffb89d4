namespace MLNetMeta.Trainers;

/// <summary>A report on the state of meta-training, made after each validation.</summary>
public sealed record MetaTrainingProgress
{
    /// <summary>Number of meta-steps done, from 0 (the report before the first step) to <see cref="TotalSteps"/>.</summary>
    public required int Step { get; init; }

    /// <summary>Maximum number of meta-steps.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>
    /// Mean evaluation loss of the meta-training tasks after adaptation, since the last report (standardised units for regression); null if
    /// there was no step.
    /// </summary>
    public required double? TrainingLoss { get; init; }

    /// <summary>Mean evaluation loss of the validation tasks after adaptation; NaN if a phase diverged.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>
    /// Classification: mean accuracy on the validation tasks after adaptation, in [0, 1]; null for a regression, and if a phase diverged.
    /// </summary>
    public required double? ValidationAccuracy { get; init; }

    /// <summary>
    /// The validation loss of the best slow parameters so far. These are the parameters that are kept; see
    /// <see cref="TrainingOptions.SelectBy"/>.
    /// </summary>
    public required double BestValidationLoss { get; init; }

    /// <summary>
    /// The gain of meta-training so far: how much better the best slow parameters are on the validation tasks than the initial ones. It is
    /// the mean over tasks of the increase in accuracy, or of the decrease in squared error of standardised targets. The gain is slightly
    /// optimistic, because the best parameters were chosen on the same tasks. Null if the validation before the first step diverged.
    /// </summary>
    public required double? Gain { get; init; }

    /// <summary>
    /// Half the width of the 95 % confidence interval of <see cref="Gain"/>, paired by task; null if the gain is null, and for a single
    /// validation task.
    /// </summary>
    public required double? GainInterval95 { get; init; }

    /// <summary>Euclidean norm of the last meta-gradient, before clipping; null if there was no step.</summary>
    public required double? GradientNorm { get; init; }

    /// <summary>
    /// Gradient norm at the end of the last free phase, which shows how far from equilibrium the phase ended; null if there was no step.
    /// </summary>
    public required double? FreeResidual { get; init; }

    /// <summary>Gradient norm at the end of the last nudged phases; null if there was no step.</summary>
    public required double? NudgedResidual { get; init; }

    /// <summary>Meta-learning rate of the last step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Time spent, including the time before a resumed checkpoint.</summary>
    public required TimeSpan Elapsed { get; init; }
}
