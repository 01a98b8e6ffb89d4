namespace MLNetMeta.Trainers;

/// <summary>The metric on the validation tasks that selects the slow parameters to keep.</summary>
public enum ValidationMetric
{
    /// <summary>Mean evaluation loss: cross-entropy, or squared error of standardised targets.</summary>
    Loss,

    /// <summary>
    /// Mean error: the share of wrong predictions, or the squared error of standardised targets. Ties are broken by the loss.
    /// </summary>
    Error,
}
