using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>The data term of a loss: mean cross-entropy of classes, or mean squared error of values, of all or of those that were observed.</summary>
internal enum TaskLoss
{
    CrossEntropy,
    SquaredError,

    /// <summary>Values may be missing: <see cref="Rows{V}.Weights"/> then has a share for each value, 0 where it is missing.</summary>
    ObservedSquaredError,
}

internal static class TaskLosses
{
    /// <summary>Mean over rows, sum over tasks; rank 0.</summary>
    public static V Of<V>(this TaskLoss loss, IOps<V> ops, V predictions, Rows<V> rows) => loss switch
    {
        TaskLoss.CrossEntropy => ops.WeightedSum(ops.CrossEntropy(predictions, rows.Targets), rows.Weights),
        TaskLoss.SquaredError => ops.WeightedSum(ops.SquaredError(predictions, rows.Targets), rows.Weights),
        // Σ w (ŷ − y)², which is twice a pull of the predictions to the targets with strength w.
        _ => ops.Scale(ops.QuadraticPull(predictions, rows.Targets, rows.Weights), 2),
    };
}
