namespace MLNetMeta.Trainers;

/// <summary>Computes a <see cref="TaskLoss"/>.</summary>
public static class TaskLosses
{
    /// <summary>Mean over rows, sum over tasks; rank 0.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="ops">The operators.</param>
    /// <param name="predictions"><c>[.., rows, outputs]</c>: logits for classes.</param>
    /// <param name="rows">Targets and weights of the rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    public static V Of<V>(this TaskLoss loss, Ops<V> ops, V predictions, Rows<V> rows) => loss switch
    {
        TaskLoss.CrossEntropy => ops.WeightedSum(ops.CrossEntropy(predictions, rows.Targets), rows.Weights),
        TaskLoss.SquaredError => ops.WeightedSum(ops.SquaredError(predictions, rows.Targets), rows.Weights),
        // Σ w (ŷ − y)², which is twice a pull of the predictions to the targets with strength w.
        _ => ops.Scale(ops.QuadraticPull(predictions, rows.Targets, rows.Weights), 2),
    };
}
