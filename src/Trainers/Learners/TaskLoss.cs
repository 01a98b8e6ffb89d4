using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Learners;

/// <summary>The data term of a loss: mean cross-entropy of classes, or mean squared error of values.</summary>
internal enum TaskLoss
{
    CrossEntropy,
    SquaredError,
}

internal static class TaskLosses
{
    /// <summary>Mean over rows, sum over tasks; rank 0.</summary>
    public static V Of<V>(this TaskLoss loss, IOps<V> ops, V predictions, Rows<V> rows) => ops.WeightedSum(
        loss == TaskLoss.CrossEntropy ? ops.CrossEntropy(predictions, rows.Targets) : ops.SquaredError(predictions, rows.Targets),
        rows.Weights);
}
