namespace MLNetMeta.RealTasks;

/// <summary>How predictions of one task were.</summary>
/// <param name="Error">How wrong: smaller is better.</param>
/// <param name="Rows">Rows that were predicted.</param>
/// <param name="Coverage">Regression with prediction intervals: the share of targets that lie in theirs; else null.</param>
/// <param name="Excess">Probabilities of classes: in bins of the probability of the predicted class, Σ (probability − right); else
/// null.</param>
/// <param name="Milliseconds">How long the task was learned; null where a method has no such moment.</param>
internal sealed record TaskScore(double Error, int Rows, double? Coverage, double[]? Excess, double? Milliseconds)
{
    private const int Bins = 15;

    /// <param name="set">The data.</param>
    /// <param name="rows">The query rows.</param>
    /// <param name="predictions">Of a regression with intervals the value and both bounds.</param>
    /// <param name="variance">Regression: the unit of squared errors.</param>
    /// <param name="milliseconds">How long the task was learned.</param>
    public static TaskScore Of(TaskSet set, int[] rows, double[][] predictions, double variance, double? milliseconds)
    {
        var error = Score.Of(set, rows, predictions, variance);
        if (!set.IsClassification)
        {
            double? coverage = predictions[0].Length == 3
                ? rows.Zip(predictions, (row, p) => set.Targets[row] >= p[1] && set.Targets[row] <= p[2] ? 1.0 : 0).Average()
                : null;
            return new(error, rows.Length, coverage, null, milliseconds);
        }

        var excess = new double[Bins];
        foreach (var (row, p) in rows.Zip(predictions))
        {
            var largest = p.Max();
            excess[Math.Clamp((int)(largest * Bins), 0, Bins - 1)] += largest - (
                Array.IndexOf(p, largest) == (int)set.Targets[row] ? 1 : 0);
        }

        return new(error, rows.Length, null, Array.TrueForAll(predictions, p => Math.Abs(p.Sum() - 1) < 1e-3) ? excess : null,
            milliseconds);
    }

    /// <summary>Expected calibration error over the rows of all tasks.</summary>
    public static double CalibrationError(IReadOnlyCollection<TaskScore> scores) =>
        Enumerable.Range(0, Bins).Sum(bin => Math.Abs(scores.Sum(score => score.Excess![bin]))) / scores.Sum(score => score.Rows);
}
