using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Distributed;

/// <summary>How a driver sends requests to a cluster.</summary>
public sealed record OrleansOptions
{
    private readonly int _tasksPerRequest = 8;
    private readonly TimeSpan _firstLimit = TimeSpan.FromSeconds(30);
    private readonly TimeSpan _lostAfter = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Number of tasks of a step that are drawn from one partition, requested at once and computed together, at least 1. Computing eight
    /// tasks together takes less than half the time of computing them one by one. A step draws its tasks from <c>TasksPerStep /
    /// TasksPerRequest</c> partitions: keep this well above the number of silos. Every task is still drawn with the same probability. The
    /// number is smaller if partitions have fewer tasks on average. Default 8.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1.</exception>
    public int TasksPerRequest
    {
        get => _tasksPerRequest;
        init => _tasksPerRequest = value >= 1 ? value : throw Throw.Option(nameof(TasksPerRequest), value, "at least 1");
    }

    /// <summary>
    /// How long a partition may take before another silo is asked as well, more than 0. This limit applies until the first answers arrive.
    /// After that, the limit is ten times the median time of the answers, and at least two seconds. The first answer is used. Default 30
    /// seconds.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public TimeSpan FirstLimit
    {
        get => _firstLimit;
        init => _firstLimit = value > TimeSpan.Zero ? value : throw Throw.Option(nameof(FirstLimit), value, "above 0");
    }

    /// <summary>
    /// Time without an answer from a partition after which the cluster counts as lost and Fit fails, more than 0. Default five minutes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public TimeSpan LostAfter
    {
        get => _lostAfter;
        init => _lostAfter = value > TimeSpan.Zero ? value : throw Throw.Option(nameof(LostAfter), value, "above 0");
    }
}
