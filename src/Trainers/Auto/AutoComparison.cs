namespace MLNetMeta.Trainers;

/// <summary>The performance of one method on tasks that were held out for the estimate.</summary>
public sealed record AutoComparison
{
    /// <summary>Name of the method.</summary>
    public required string Name { get; init; }

    /// <summary>Performance of the method, one value per task (or per episode): accuracy, or mean squared error.</summary>
    public required FewShotMetrics Metrics { get; init; }

    /// <summary>
    /// How much better the best candidate is on the same tasks, in units of the metric. Above 0 if the best candidate is better. NaN for
    /// the best candidate itself.
    /// </summary>
    public required double Gain { get; init; }

    /// <summary>
    /// Half the width of the 95 % confidence interval of <see cref="Gain"/>, paired by task; NaN for the best candidate itself.
    /// </summary>
    public required double GainInterval95 { get; init; }
}
