namespace MLNetMeta.Reproduce.Bandits;

/// <summary>
/// Independent runs of one bandit, pulled in step: what an agent may see of them
/// (contexts, its own arms and their rewards) and what it lost.
/// </summary>
/// <remarks>Contexts and noise depend on the seed alone, so that all agents meet the same ones.</remarks>
internal sealed class BanditRuns
{
    private readonly Wheel _wheel;
    private readonly double[] _noise;
    private readonly double[] _lost;

    public BanditRuns(Wheel wheel, int runs, int pulls, int seed)
    {
        (_wheel, Runs, Pulls) = (wheel, runs, pulls);
        Contexts = new float[runs * pulls * Wheel.Features];
        Arms = new long[runs * pulls];
        Rewards = new float[runs * pulls];
        _noise = new double[runs * pulls];
        _lost = new double[runs * pulls];
        for (var run = 0; run < runs; run++)
        {
            var random = new Random(HashCode(seed, run, wheel.Delta));
            for (var pull = 0; pull < pulls; pull++)
            {
                var (x, y) = Wheel.Draw(random);
                var at = (run * pulls) + pull;
                (Contexts[2 * at], Contexts[(2 * at) + 1]) = ((float)x, (float)y);
                _noise[at] = random.NextNormal();
            }
        }
    }

    public int Runs { get; }

    public int Pulls { get; }

    /// <summary><c>[runs, pulls, features]</c>.</summary>
    public float[] Contexts { get; }

    /// <summary><c>[runs, pulls]</c>, as far as they were pulled.</summary>
    public long[] Arms { get; }

    /// <summary><c>[runs, pulls]</c>, as far as they were pulled.</summary>
    public float[] Rewards { get; }

    /// <summary>Lets an agent play all pulls.</summary>
    public void Play(IBanditAgent agent)
    {
        for (var pull = 0; pull < Pulls;)
        {
            var span = Math.Min(agent.Span(pull), Pulls - pull);
            Pull(pull, span, agent.Choose(pull, span));
            pull += span;
            agent.Learn(pull);
        }
    }

    /// <summary>Regret of a run's first pulls over that of the uniform agent.</summary>
    public double NormalizedRegret(int run, int pulls) => _lost.AsSpan(run * Pulls, pulls).ToArray().Sum() / (pulls * _wheel.UniformRegret);

    private void Pull(int first, int span, long[] arms)
    {
        for (var run = 0; run < Runs; run++)
        {
            for (var i = 0; i < span; i++)
            {
                var at = (run * Pulls) + first + i;
                var (x, y, arm) = (Contexts[2 * at], Contexts[(2 * at) + 1], (int)arms[(run * span) + i]);
                var (mean, spread) = _wheel.Reward(x, y, arm);
                (Arms[at], Rewards[at], _lost[at]) = (arm, (float)(mean + (spread * _noise[at])), _wheel.Regret(x, y, arm));
            }
        }
    }

    // System.HashCode differs from process to process.
    private static int HashCode(int seed, int run, double delta) =>
        unchecked((((seed * 486187739) + run) * 16777619) + (int)(delta * 1000));
}
