using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

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
