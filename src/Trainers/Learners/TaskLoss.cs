namespace MLNetMeta.Trainers;

/// <summary>The data term of a learner's losses.</summary>
public enum TaskLoss
{
    /// <summary>Mean cross-entropy of classes.</summary>
    CrossEntropy,

    /// <summary>Mean squared error of values.</summary>
    SquaredError,

    /// <summary>
    /// Mean squared error of the values that were observed: <see cref="Rows{V}.Weights"/> then has a share for each value, 0 where it is
    /// missing.
    /// </summary>
    ObservedSquaredError,
}
