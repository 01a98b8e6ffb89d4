using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// The data term of a loss: mean cross-entropy of classes, or mean squared error of values, of all or of those that were observed.
/// </summary>
internal enum TaskLoss
{
    CrossEntropy,
    SquaredError,

    /// <summary>Values may be missing: <see cref="Rows{V}.Weights"/> then has a share for each value, 0 where it is missing.</summary>
    ObservedSquaredError,
}
