namespace MLNetMeta.RealTasks;

/// <summary>How wrong predictions are, on one task: smaller is better.</summary>
internal static class Score
{
    public static string NameOf(TaskSet set) => set.IsImbalanced ? "1 − average precision" : set.IsClassification ? "error"
        : "squared error / variance";

    /// <param name="set">The data.</param>
    /// <param name="rows">The query rows.</param>
    /// <param name="predictions">What was predicted of them.</param>
    /// <param name="variance">Regression: the variance of the targets of all training rows, the unit.</param>
    public static double Of(TaskSet set, int[] rows, double[][] predictions, double variance)
    {
        if (!set.IsClassification)
        {
            return rows.Zip(predictions, (row, p) => Math.Pow(p[0] - set.Targets[row], 2)).Average() / variance;
        }

        return set.IsImbalanced
            ? 1 - AveragePrecision([.. rows.Zip(predictions, (row, p) => (p[1] - p[0], set.Targets[row] == 1))])
            : rows.Zip(predictions, (row, p) => Array.IndexOf(p, p.Max()) == (int)set.Targets[row] ? 0.0 : 1).Average();
    }

    /// <summary>The mean over positives of the precision down to each; among equal scores positives come last.</summary>
    private static double AveragePrecision((double Score, bool IsPositive)[] rows)
    {
        var ordered = rows.OrderByDescending(row => row.Score).ThenBy(row => row.IsPositive).ToArray();
        var (found, sum) = (0, 0.0);
        for (var i = 0; i < ordered.Length; i++)
        {
            if (ordered[i].IsPositive)
            {
                found++;
                sum += (double)found / (i + 1);
            }
        }

        return sum / found;
    }
}
