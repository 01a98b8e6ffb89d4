using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>
/// One network for each run, all trained at once on their replay buffers: the runs are the task axis. Owner of its tensors.
/// </summary>
/// <remarks>
/// The loss is the squared error of the pulled arm, the others' rewards being missing targets;
/// rewards are divided by <see cref="Wheel.Jackpot"/>.
/// </remarks>
internal sealed class ReplayNetwork : IDisposable
{
    private readonly BanditRuns _runs;
    private readonly ILearner _learner;
    private readonly Network _network;
    private readonly OnlineTraining _training;
    private readonly NamedValues<Tensor> _consolidated;
    private readonly NamedValues<Tensor> _start;
    private readonly Random _random;
    private NamedValues<Tensor> _phi;

    /// <param name="runs">The runs.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="theta">Its slow parameters; stays the caller's.</param>
    /// <param name="start">φ at the start, <c>[runs, ..]</c>; null for where the learner begins. Owned from now on.</param>
    /// <param name="training">How it is trained.</param>
    /// <param name="seed">Seed of the mini-batches.</param>
    public ReplayNetwork(BanditRuns runs, ILearner learner, Parameters theta, NamedValues<Tensor>? start, OnlineTraining training, int seed)
    {
        using var scope = NewDisposeScope();
        (_runs, _learner, _training, _random) = (runs, learner, training, new Random(seed));
        _network = (Network)learner.Network;
        _consolidated = Keep(learner.Consolidated(TorchOps.Instance, theta.Values).Select(t => t.alias()));
        var like = zeros(runs.Runs, 1, Wheel.Arms);
        _start = Keep(
            start ?? learner.InitialFast(TorchOps.Instance, _consolidated, new Rows<Tensor>(like, like, like)).Select(t => t.clone()));
        _phi = Keep(_start.Select(t => t.clone()));
    }

    /// <summary>Units of the last hidden layer.</summary>
    public int Units => (int)_network.Head[0].Shape[0];

    /// <summary>The next pull before which it is trained.</summary>
    public int NextTraining(int pull) =>
        pull < RoundRobin.Pulls ? RoundRobin.Pulls : ((pull / _training.Interval) + 1) * _training.Interval;

    /// <summary>Trains on the first <paramref name="pulls"/> pulls, if that is when a training is due.</summary>
    public bool TrainWhenDue(int pulls)
    {
        if (pulls != RoundRobin.Pulls && (pulls < RoundRobin.Pulls || pulls % _training.Interval != 0))
        {
            return false;
        }

        using var scope = NewDisposeScope();
        var (contexts, arms, rewards) = (
            Features(0, pulls), Slices.Of(_runs, _runs.Arms, 0, pulls), Slices.Of(_runs, _runs.Rewards, 0, pulls).Times(1 / Wheel.Jackpot));
        var first = _training.FromStart ? _start : _phi;
        var state = new PhaseState(first, _training.Rule.Initial(TorchOps.Instance, first.Values), Step: 0);
        for (var step = 0; step < _training.Updates; step++)
        {
            using var inner = NewDisposeScope();
            var next = state.Next(_training.Rule, Gradient(state.Phi, Batch(contexts, arms, rewards, pulls)), _training.LearningRate);
            if (step > 0)
            {
                state.DisposeExcept(next);
            }

            state = next;
        }

        var old = _phi;
        _phi = Keep(state.Phi);
        Dispose(old);
        return true;
    }

    /// <summary>Predicted rewards <c>[runs, span, arms]</c>, in units of the jackpot.</summary>
    public Tensor Predict(int first, int span) =>
        _learner.Predict(TorchOps.Instance, _phi, _consolidated, _learner.Encode(TorchOps.Instance, _consolidated, Features(first, span)));

    /// <summary>The last hidden layer <c>[runs, span, units]</c> of a network whose weights are all fast.</summary>
    public Tensor Hidden(int first, int span) =>
        _network.Encode(TorchOps.Instance, name => _phi[name], _network.Stages, Features(first, span));

    public void Dispose()
    {
        Dispose(_phi);
        Dispose(_start);
        Dispose(_consolidated);
    }

    private Tensor Features(int first, int span) => Slices.Contexts(_runs, first, span).Times(Wheel.FeatureScale);

    private Tensor[] Gradient(NamedValues<Tensor> phi, Rows<Tensor> rows)
    {
        var encoded = AugmentedLoss.Encode(TorchOps.Instance, _learner, _consolidated, rows);
        var gradient = AugmentedLoss.FastGradient(TorchOps.Instance, _learner, phi, _consolidated, encoded, encoded, beta: 0);
        return _learner.Direction(TorchOps.Instance, gradient, _consolidated);
    }

    /// <summary>Rows of the same pulls in every run.</summary>
    private Rows<Tensor> Batch(Tensor contexts, Tensor arms, Tensor rewards, int pulls)
    {
        if (pulls > _training.Rows)
        {
            var drawn = tensor(Enumerable.Range(0, _training.Rows).Select(_ => _random.NextInt64(pulls)).ToArray());
            (contexts, arms, rewards) = (contexts.index_select(1, drawn), arms.index_select(1, drawn), rewards.index_select(1, drawn));
        }

        var pulled = nn.functional.one_hot(arms, Wheel.Arms).to(ScalarType.Float32);
        return new Rows<Tensor>(contexts, pulled.mul(rewards.unsqueeze(-1)), pulled.Times(1.0 / Math.Min(pulls, _training.Rows)));
    }

    private static NamedValues<Tensor> Keep(NamedValues<Tensor> values) => values.Select(t => t.DetachFromDisposeScope());

    private static void Dispose(NamedValues<Tensor> values)
    {
        foreach (var tensor in values.Values)
        {
            tensor.Dispose();
        }
    }
}
