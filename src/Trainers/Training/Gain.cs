namespace MLNetMeta.Trainers.Training;

/// <summary>How much lower errors are than others of the same tasks: the mean of the paired differences.</summary>
/// <param name="Mean">Mean over tasks.</param>
/// <param name="Interval95">Half the width of its 95 % confidence interval, 1.96 standard errors; null for a single task.</param>
/// <param name="Tasks">How many tasks.</param>
internal sealed record Gain(double Mean, double? Interval95, int Tasks)
{
    /// <summary>Errors before and after, task by task; at least one.</summary>
    public static Gain Between(float[] before, float[] after)
    {
        var gains = before.Zip(after, (b, a) => (double)b - a).ToArray();
        var mean = gains.Average();
        return new Gain(
            mean, gains.Length > 1 ? 1.96 * Math.Sqrt(gains.Sum(g => (g - mean) * (g - mean)) / (gains.Length - 1) / gains.Length) : null,
            gains.Length);
    }
}
