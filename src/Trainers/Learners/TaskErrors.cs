using System.Numerics.Tensors;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// The error of predictions in the user's terms, task by task: the share of wrong classes, or the mean squared error of standardised
/// targets.
/// </summary>
internal static class TaskErrors
{
    /// <summary>One error for each task.</summary>
    /// <param name="loss">What is predicted.</param>
    /// <param name="predictions"><c>[tasks, rows, outputs]</c>, row-major: logits or values.</param>
    /// <param name="rows">What is right, and the rows' weights.</param>
    public static float[] Of(TaskLoss loss, float[] predictions, Rows<HostTensor> rows)
    {
        var (tasks, outputs, shares) = ((int)rows.Targets.Shape[0], (int)rows.Targets.Shape[^1], (int)rows.Weights.Shape[^1]);
        var (targets, weights) = (rows.Targets.Values, rows.Weights.Values);
        var rowsPerTask = targets.Length / (tasks * outputs);
        var errors = new float[tasks];
        for (var row = 0; row < tasks * rowsPerTask; row++)
        {
            var predicted = predictions.AsSpan(row * outputs, outputs);
            var right = targets.AsSpan(row * outputs, outputs);
            var weight = weights.AsSpan(row * shares, shares);
            errors[row / rowsPerTask] += loss == TaskLoss.CrossEntropy
                ? weight[0] * (TensorPrimitives.IndexOfMax<float>(predicted) == TensorPrimitives.IndexOfMax<float>(right) ? 0 : 1)
                : SquaredError(predicted, right, weight);
        }

        return errors;
    }

    /// <summary>Each output has a weight of its own where targets may be missing; else the row has one, for their mean.</summary>
    private static float SquaredError(ReadOnlySpan<float> predicted, ReadOnlySpan<float> right, ReadOnlySpan<float> weight)
    {
        var sum = 0f;
        for (var output = 0; output < right.Length; output++)
        {
            var difference = predicted[output] - right[output];
            sum += difference * difference * (weight.Length == 1 ? weight[0] / right.Length : weight[output]);
        }

        return sum;
    }
}
