namespace MLNetMeta.Reproduce.Bandits;

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
