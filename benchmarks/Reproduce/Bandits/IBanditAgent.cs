namespace MLNetMeta.Reproduce.Bandits;

/// <summary>Chooses arms in all runs of a bandit at once.</summary>
internal interface IBanditAgent : IDisposable
{
    /// <summary>How many pulls from this one on it chooses without learning between them, at least 1.</summary>
    int Span(int pull);

    /// <summary>Arms for the contexts of the pulls <paramref name="first"/> to <paramref name="first"/> + <paramref name="span"/> − 1: <c>[runs, span]</c>.</summary>
    long[] Choose(int first, int span);

    /// <summary>Takes note that <paramref name="pulls"/> pulls have been made in all.</summary>
    void Learn(int pulls);
}

/// <summary>The pulls that every learning agent begins with: each arm twice, in turn.</summary>
internal static class RoundRobin
{
    public const int Pulls = 2 * Wheel.Arms;

    public static long[] Choose(int runs, int first, int span) => [.. Enumerable.Range(0, runs * span).Select(i => (long)((first + (i % span)) % Wheel.Arms))];
}

/// <summary>Any arm at random: what regrets are measured in.</summary>
internal sealed class UniformAgent(BanditRuns runs, int seed) : IBanditAgent
{
    private readonly Random _random = new(seed);

    public int Span(int pull) => runs.Pulls;

    public long[] Choose(int first, int span) => [.. Enumerable.Range(0, runs.Runs * span).Select(_ => (long)_random.Next(Wheel.Arms))];

    public void Learn(int pulls)
    {
    }

    public void Dispose()
    {
    }
}
