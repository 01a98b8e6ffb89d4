using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>
/// Thompson sampling: one Bayesian linear regression for each arm, a draw of each
/// posterior at every pull, and the arm whose draw is largest.
/// </summary>
/// <remarks>
/// Linear: the features are the context. Neural-linear (Snoek et al., 2015; Riquelme et al., 2018): they are the last hidden layer of a
/// network that is trained on all rewards so far; after each training the posteriors are computed anew.
/// </remarks>
internal sealed class ThompsonAgent : IBanditAgent
{
    private readonly BanditRuns _runs;
    private readonly ThompsonPrior _prior;
    private readonly ReplayNetwork? _network;
    private readonly Generator _generator;
    private readonly Tensor _arms = arange(Wheel.Arms, ScalarType.Int64);
    private BayesianRegression _regressions;

    /// <param name="runs">The runs.</param>
    /// <param name="prior">Prior of every arm's regression.</param>
    /// <param name="network">
    /// The network whose last hidden layer gives the features; null for the contexts themselves. Owned from now on.
    /// </param>
    /// <param name="seed">Seed of the draws.</param>
    public ThompsonAgent(BanditRuns runs, ThompsonPrior prior, ReplayNetwork? network, int seed)
    {
        (_runs, _prior, _network) = (runs, prior, network);
        _generator = new Generator((ulong)seed);
        _regressions = Fresh();
    }

    private int Width => (_network?.Units ?? Wheel.Features) + 1;

    public int Span(int pull) => 1;

    public long[] Choose(int first, int span)
    {
        if (first < RoundRobin.Pulls)
        {
            return RoundRobin.Choose(_runs.Runs, first, span);
        }

        using var scope = NewDisposeScope();
        var z = Features(first, 1).expand(_runs.Runs, Wheel.Arms, Width).reshape(_runs.Runs * Wheel.Arms, Width, 1);
        return _regressions.Draw(z, _generator).reshape(_runs.Runs, Wheel.Arms).argmax(-1).data<long>().ToArray();
    }

    public void Learn(int pulls)
    {
        using var scope = NewDisposeScope();
        if (_network is not null && _network.TrainWhenDue(pulls))
        {
            _regressions.Dispose();
            _regressions = Fresh();
            // Every arm's regression gets all rows of its run, with weight 0 where another arm was pulled.
            var all = Features(0, pulls).repeat_interleave(Wheel.Arms, 0);
            var rewards = Rewards(0, pulls).repeat_interleave(Wheel.Arms, 0);
            var pulled = Arms(0, pulls).unsqueeze(1).eq(_arms.reshape(1, Wheel.Arms, 1)).to(ScalarType.Float64).reshape(-1, pulls, 1);
            _regressions.Observe(arange(_runs.Runs * Wheel.Arms, ScalarType.Int64), all, rewards, pulled);
            return;
        }

        var which = tensor(
            Enumerable.Range(0, _runs.Runs).Select(run => (run * Wheel.Arms) + _runs.Arms[(run * _runs.Pulls) + pulls - 1]).ToArray());
        _regressions.Observe(which, Features(pulls - 1, 1), Rewards(pulls - 1, 1));
    }

    public void Dispose()
    {
        _regressions.Dispose();
        _network?.Dispose();
        _generator.Dispose();
        _arms.Dispose();
    }

    private BayesianRegression Fresh() => new(_runs.Runs * Wheel.Arms, Width, _prior.A0, _prior.B0, _prior.Strength);

    /// <summary><c>[runs, span, width]</c>, with an intercept.</summary>
    private Tensor Features(int first, int span)
    {
        var z = _network is null
            ? Slices.Contexts(_runs, first, span)
            : _network.Hidden(first, span);
        return cat([z.to(ScalarType.Float64), ones([_runs.Runs, span, 1], ScalarType.Float64)], -1);
    }

    private Tensor Rewards(int first, int span) => Slices.Of(_runs, _runs.Rewards, first, span).to(ScalarType.Float64).unsqueeze(-1);

    private Tensor Arms(int first, int span) => Slices.Of(_runs, _runs.Arms, first, span);
}
