using System.Collections.Immutable;
using TorchSharp;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>The tables that contract tests iterate; a new learner, loss or optimiser is one row here.</summary>
internal static class LearnerCase
{
    public const int Features = 3;

    /// <summary>
    /// Adam with the usual ε = 1e-8 instead of the default. The first gradient of an episodic learner's trunk is zero but for rounding,
    /// since all classes start alike; an ε below float32's rounding turns that noise into full steps, which no two backends share.
    /// </summary>
    public const string AdamOfSmallEpsilon = "Adam, ε 1e-8";

    // Six support rows share it.
    private const double StrengthPerRow = 6 * TorchOracle.FixedStrength;

    private const string EProp = "SpikingNetwork, e-prop";

    private const string SpikingBptt = "SpikingNetwork, backpropagation through time";

    public static ImmutableSortedDictionary<string, Func<Network, TaskLoss, ILearner>> Learners { get; } =
        new Dictionary<string, Func<Network, TaskLoss, ILearner>>
        {
            ["ComplexSynapse, fixed λ"] = (network, loss) =>
                new ComplexSynapse(network, loss, TorchOracle.FixedStrength, learnStrength: false),
            ["ComplexSynapse, learned λ"] = (network, loss) =>
                new ComplexSynapse(network, loss, TorchOracle.FixedStrength, learnStrength: true),
            ["ComplexSynapse, learned λ per row"] = (network, loss) =>
                new ComplexSynapse(network, loss, StrengthPerRow, learnStrength: true, pullPerRow: true),
            ["DualSystem, learned λ per row"] = (network, loss) =>
                new DualSystem(network, loss, StrengthPerRow, learnStrength: true, pullPerRow: true),
            ["DualSystem, fixed λ"] = (network, loss) => new DualSystem(network, loss, TorchOracle.FixedStrength, learnStrength: false),
            ["DualSystem, learned λ"] = (network, loss) => new DualSystem(network, loss, TorchOracle.FixedStrength, learnStrength: true),
            [EProp] = (network, loss) => Spiking(network, SpikingRule.EProp, SpikingError.EveryStep, learnStrength: false),
            [SpikingBptt] = (network, loss) =>
                Spiking(network, SpikingRule.BackpropagationThroughTime, SpikingError.TimeAverage, learnStrength: true),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Loss, outputs of the network (null: one column per class of the task) and width of the targets.</summary>
    public static ImmutableSortedDictionary<string, (TaskLoss Loss, int? Outputs, int Columns)> Losses { get; } =
        new Dictionary<string, (TaskLoss, int?, int)>
        {
            ["cross-entropy of episodes"] = (TaskLoss.CrossEntropy, null, 4),
            ["cross-entropy of shared labels"] = (TaskLoss.CrossEntropy, 3, 3),
            ["squared error of one output"] = (TaskLoss.SquaredError, 1, 1),
            ["squared error of two outputs"] = (TaskLoss.SquaredError, 2, 2),
            ["squared error of observed outputs"] = (TaskLoss.ObservedSquaredError, 3, 3),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, Optimizer> Optimizers { get; } = new Dictionary<string, Optimizer>
    {
        ["SGD"] = Optimizer.Sgd(0.1),
        ["momentum"] = Optimizer.Sgd(0.05, 0.8),
        ["Nesterov"] = Optimizer.Sgd(0.05, 0.8, nesterov: true),
        ["Adam"] = Optimizer.Adam(0.02),
        [AdamOfSmallEpsilon] = Optimizer.Adam(0.02, epsilon: 1e-8),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Every learner with every loss that it knows.</summary>
    public static IEnumerable<(string Learner, string Loss)> LearnersAndLosses =>
        from learner in Learners.Keys
        from loss in Losses.Keys
        where !IsSpiking(learner) || Losses[loss].Loss == TaskLoss.SquaredError
        select (learner, loss);

    /// <summary>
    /// Without those of spikes, whose losses jump: no finite difference of theirs is their
    /// pseudo-derivative. They have an oracle of their own.
    /// </summary>
    public static IEnumerable<(string Learner, string Loss)> SmoothLearnersAndLosses =>
        LearnersAndLosses.Where(row => !IsSpiking(row.Learner));

    public static ILearner Create(string learner, string loss, Activation activation = Activation.Tanh, params int[] hidden) =>
        Learners[learner](Mlp.WithReadout(Features, hidden.Length == 0 ? [5, 4] : hidden, Losses[loss].Outputs, activation), Losses[loss].Loss);

    /// <summary>Whether the support rows share the learner's pull.</summary>
    public static bool PullsPerRow(string learner) => learner.EndsWith("per row", StringComparison.Ordinal);

    private static bool IsSpiking(string learner) => learner is EProp or SpikingBptt;

    /// <summary>A spiking network in place of the given one: each feature is what one input neuron gets in one time step.</summary>
    private static SpikingSynapse Spiking(Network network, SpikingRule rule, SpikingError error, bool learnStrength) => new(
        new SpikingObjective(
            new SpikingNet(
                new SpikeEncoder(network.Inputs, network.Inputs, null, 0), new SpikingDynamics(network.Inputs, 6, 4, 0.1), 5,
                (int)network.Head[0].Shape[^1]),
            error, 0.4, 0.3),
        rule, TorchOracle.FixedStrength, learnStrength);

    /// <summary>A float64 θ whose biases, gains, shifts and λ are all different numbers.</summary>
    public static Parameters Theta(ILearner learner, int seed = 1)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(seed);
        using var drawn = SlowParameters.Draw(learner.Slow, random);
        return drawn.Map(t => t.to(torch.ScalarType.Float64).Plus(NormalTensors.Draw(random, t.shape), 0.2));
    }

    /// <summary>Random tasks of one size in float64.</summary>
    public static EpisodeBatch Tasks(string loss, int tasks = 3, int support = 6, int query = 5, int seed = 7) =>
        Tasks(Losses[loss].Loss, Losses[loss].Columns, tasks, support, query, seed);

    public static EpisodeBatch Tasks(TaskLoss loss, int columns, int tasks, int support, int query, int seed)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(seed);
        return new EpisodeBatch(Rows(support), Rows(query));

        Rows<torch.Tensor> Rows(int rows) => new(
            NormalTensors.Draw(random, tasks, rows, Features),
            loss == TaskLoss.CrossEntropy ? OneHot(rows) : NormalTensors.Draw(random, tasks, rows, columns),
            loss == TaskLoss.ObservedSquaredError ? Observed(rows) : torch.full([tasks, rows, 1], 1.0 / rows, torch.ScalarType.Float64));

        // Other values are missing in every task, and the same share is given to those that are not.
        torch.Tensor Observed(int rows)
        {
            var values = new double[tasks * rows * columns];
            for (var t = 0; t < tasks; t++)
            {
                var observed = Enumerable.Range(0, rows * columns).Where(i => (i + t) % 3 != 1).ToArray();
                foreach (var i in observed)
                {
                    values[(t * rows * columns) + i] = 1.0 / observed.Length;
                }
            }

            return torch.tensor(values, [tasks, rows, columns]);
        }

        torch.Tensor OneHot(int rows)
        {
            var values = new double[tasks * rows * columns];
            for (var i = 0; i < tasks * rows; i++)
            {
                values[(i * columns) + random.Next(columns)] = 1;
            }

            return torch.tensor(values, [tasks, rows, columns]);
        }
    }
}
