namespace MLNetMeta.Trainers;

/// <summary>What the slow parameters that are kept are best at on the validation tasks.</summary>
public enum ValidationMetric
{
    /// <summary>Mean evaluation loss: cross-entropy, or squared error of standardised targets.</summary>
    Loss,

    /// <summary>
    /// Mean error: the share of wrong predictions, or the squared error of standardised targets. Where it is equal, the loss decides.
    /// </summary>
    Error,
}
