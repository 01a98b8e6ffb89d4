namespace MLNetMeta.Transforms;

/// <summary>What a learner learns to predict.</summary>
public enum MetaTask
{
    /// <summary>One of several classes; scores are class probabilities.</summary>
    Classification,

    /// <summary>One or more real numbers; scores are predictions in the units of the targets.</summary>
    Regression,
}
