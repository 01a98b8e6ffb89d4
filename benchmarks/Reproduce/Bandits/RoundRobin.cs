namespace MLNetMeta.Reproduce.Bandits;

/// <summary>The pulls that every learning agent begins with: each arm twice, in turn.</summary>
internal static class RoundRobin
{
    public const int Pulls = 2 * Wheel.Arms;

    public static long[] Choose(int runs, int first, int span) =>
        [.. Enumerable.Range(0, runs * span).Select(i => (long)((first + (i % span)) % Wheel.Arms))];
}
