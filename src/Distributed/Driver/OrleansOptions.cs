using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Distributed;

/// <summary>How a driver asks a cluster.</summary>
public sealed record OrleansOptions
{
    private readonly TimeSpan _firstLimit = TimeSpan.FromSeconds(60);
    private readonly TimeSpan _lostAfter = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a partition may take before another silo is asked as well, until the first answers say how long they take; more than 0.
    /// After that it is ten times their median, and at least two seconds. The first answer wins. Default one minute.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public TimeSpan FirstLimit
    {
        get => _firstLimit;
        init => _firstLimit = value > TimeSpan.Zero ? value : throw Throw.Option(nameof(FirstLimit), value, "above 0");
    }

    /// <summary>After how long without an answer from a partition the cluster counts as lost, and Fit fails; more than 0. Default five
    /// minutes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public TimeSpan LostAfter
    {
        get => _lostAfter;
        init => _lostAfter = value > TimeSpan.Zero ? value : throw Throw.Option(nameof(LostAfter), value, "above 0");
    }
}
