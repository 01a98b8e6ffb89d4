namespace MLNetMeta.Trainers;

/// <summary>The state of meta-training at one report, after each validation.</summary>
/// <param name="Step">Meta-steps done: 0 for the report before the first, to <paramref name="TotalSteps"/>.</param>
/// <param name="TotalSteps">Meta-steps in all.</param>
/// <param name="TrainingLoss">Mean evaluation loss of the adapted meta-training tasks since the last report (standardised units for regression).</param>
/// <param name="ValidationLoss">Mean evaluation loss of the validation tasks after adaptation; NaN where nothing was validated at this step.</param>
/// <param name="BestValidationLoss">The lowest validation loss so far; its slow parameters are the ones that are kept.</param>
/// <param name="GradientNorm">Euclidean norm of the last meta-gradient, before clipping.</param>
/// <param name="FreeResidual">Gradient norm left at the end of the last free phase: how far from equilibrium it ended.</param>
/// <param name="NudgedResidual">The same for the nudged phases.</param>
/// <param name="LearningRate">Meta-learning rate of the last step.</param>
/// <param name="Elapsed">Time spent, that before a resumed checkpoint included.</param>
public sealed record MetaTrainingProgress(
    int Step,
    int TotalSteps,
    double TrainingLoss,
    double ValidationLoss,
    double BestValidationLoss,
    double GradientNorm,
    double FreeResidual,
    double NudgedResidual,
    double LearningRate,
    TimeSpan Elapsed);
