namespace MLNetMeta.Trainers.Training;

/// <summary>What the next report will say of the meta-steps since the last one.</summary>
/// <param name="LossSum">Sum of their training losses.</param>
/// <param name="Losses">How many that are.</param>
/// <param name="GradientNorm">
/// See <see cref="MetaTrainingProgress"/>, as the three that follow; null where no step was taken or the last one diverged.
/// </param>
/// <param name="FreeResidual">Of the last step.</param>
/// <param name="NudgedResidual">Of the last step.</param>
/// <param name="LearningRate">Of the last step.</param>
internal sealed record StepsSinceReport(
    double LossSum, int Losses, double? GradientNorm, double? FreeResidual, double? NudgedResidual, double LearningRate)
{
    public static StepsSinceReport None { get; } = new(0, 0, null, null, null, 0);

    /// <summary>Mean training loss; null of no steps.</summary>
    public double? MeanLoss() => Losses == 0 ? null : LossSum / Losses;

    /// <summary>One more step.</summary>
    public StepsSinceReport And(Contribution contribution, double gradientNorm, double learningRate) => new(
        LossSum + contribution.MeanLoss, Losses + 1, gradientNorm, contribution.FreeResidual, contribution.NudgedResidual, learningRate);

    /// <summary>One more step, which diverged.</summary>
    public StepsSinceReport AndDivergence(double learningRate) => new(LossSum, Losses, null, null, null, learningRate);
}
