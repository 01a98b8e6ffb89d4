namespace MLNetMeta.Trainers;

/// <summary>A way to solve new tasks, measured on tasks that were set aside.</summary>
public sealed record AutoComparison
{
    /// <summary>What was measured.</summary>
    public required string Name { get; init; }

    /// <summary>Its performance, one value a task (or episode): accuracy, or mean squared error.</summary>
    public required FewShotMetrics Metrics { get; init; }

    /// <summary>
    /// By how much the best candidate is better on the same tasks, in units of the metric; above 0 where it is. NaN for itself.
    /// </summary>
    public required double Gain { get; init; }

    /// <summary>Half the width of the 95 % confidence interval of <see cref="Gain"/>, paired by task; NaN for itself.</summary>
    public required double GainInterval95 { get; init; }
}
