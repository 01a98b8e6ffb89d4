using System.Collections.Immutable;
using TorchSharp;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>
/// The one table of learners, losses, optimisers and small random tasks that contract tests iterate. A new one is one row here.
/// </summary>
internal static class Zoo
{
    public const int Features = 3;

    public const string Episodes = "cross-entropy of episodes";

    public const string SharedClasses = "cross-entropy of shared labels";

    public const string OneOutput = "squared error of one output";

    public const string TwoOutputs = "squared error of two outputs";

    public const string ObservedOutputs = "squared error of observed outputs";

    public const string Synapse = "ComplexSynapse, learned λ";

    public const string Anil = "ComplexSynapse, learned λ, head fast (ANIL)";

    public const string Boil = "ComplexSynapse, learned λ, body fast (BOIL)";

    public const string Maml = "ComplexSynapse, λ 0 (MAML)";

    public const string MetaSgd = "ComplexSynapse, learned λ and rates (Meta-SGD)";

    public const string DualRates = "DualSystem, learned λ and rates";

    /// <summary>
    /// Adam with the usual ε = 1e-8 instead of the default. The first gradient of an episodic learner's trunk is zero but for rounding,
    /// since all classes start alike; an ε below float32's rounding turns that noise into full steps, which no two backends share.
    /// </summary>
    public const string AdamOfSmallEpsilon = "Adam, ε 1e-8";

    private const double Strength = TorchOracle.FixedStrength;

    // Six support rows share it.
    private const double StrengthPerRow = 6 * Strength;

    /// <summary>Every configuration of every learner. Those of spikes replace the network by a spiking one.</summary>
    private static readonly Dictionary<string, Row> _learners = new()
    {
        ["ComplexSynapse, fixed λ"] = new((n, l) => new ComplexSynapse(n, l, Strength, false)),
        [Synapse] = new((n, l) => new ComplexSynapse(n, l, Strength, true)),
        ["ComplexSynapse, learned λ per row"] = new((n, l) => new ComplexSynapse(n, l, StrengthPerRow, true, pullPerRow: true)),
        [Anil] = new((n, l) => new ComplexSynapse(n, l, Strength, true, FastParameters.Head)) { IsVariant = true },
        [Boil] = new((n, l) => new ComplexSynapse(n, l, Strength, true, FastParameters.Body)) { IsVariant = true },
        [Maml] = new((n, l) => new ComplexSynapse(n, l, 0, false)) { NeedsSteps = true },
        [MetaSgd] = new((n, l) => new ComplexSynapse(n, l, Strength, true, FastParameters.All, true)) { NeedsSteps = true },
        ["DualSystem, fixed λ"] = new((n, l) => new DualSystem(n, l, Strength, false)),
        ["DualSystem, learned λ"] = new((n, l) => new DualSystem(n, l, Strength, true)),
        ["DualSystem, learned λ per row"] = new((n, l) => new DualSystem(n, l, StrengthPerRow, true, pullPerRow: true)),
        ["DualSystem, readout only"] = new((n, l) => new DualSystem(n, l, Strength, true, modulatedLayers: 0)) { IsVariant = true },
        ["DualSystem, λ 0 (CAVIA)"] = new((n, l) => new DualSystem(n, l, 0, false)) { NeedsSteps = true },
        [DualRates] = new((n, l) => new DualSystem(n, l, Strength, true, true)) { NeedsSteps = true },
        ["SpikingNetwork, e-prop"] = new((n, l) => Spiking(n, SpikingRule.EProp, SpikingError.EveryStep, learnStrength: false))
        {
            IsSpiking = true,
        },
        ["SpikingNetwork, backpropagation through time"] = new(
            (n, l) => Spiking(n, SpikingRule.BackpropagationThroughTime, SpikingError.TimeAverage, learnStrength: true))
        {
            IsSpiking = true,
        },
    };

    /// <summary>Loss, outputs of the network (null: one column per class of the task) and width of the targets.</summary>
    public static ImmutableSortedDictionary<string, (TaskLoss Loss, int? Outputs, int Columns)> Losses { get; } =
        new Dictionary<string, (TaskLoss, int?, int)>
        {
            [Episodes] = (TaskLoss.CrossEntropy, null, 4),
            [SharedClasses] = (TaskLoss.CrossEntropy, 3, 3),
            [OneOutput] = (TaskLoss.SquaredError, 1, 1),
            [TwoOutputs] = (TaskLoss.SquaredError, 2, 2),
            [ObservedOutputs] = (TaskLoss.ObservedSquaredError, 3, 3),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, Optimizer> Optimizers { get; } = new Dictionary<string, Optimizer>
    {
        ["SGD"] = Optimizer.Sgd(0.1),
        ["momentum"] = Optimizer.Sgd(0.05, 0.8),
        ["Nesterov"] = Optimizer.Sgd(0.05, 0.8, nesterov: true),
        ["Adam"] = Optimizer.Adam(0.02),
        [AdamOfSmallEpsilon] = Optimizer.Adam(0.02, epsilon: 1e-8),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Every main configuration with every loss that it knows.</summary>
    public static IEnumerable<(string Learner, string Loss)> LearnersAndLosses =>
        from learner in Names(row => row is { IsVariant: false, NeedsSteps: false })
        from loss in Losses.Keys
        where !_learners[learner].IsSpiking || Losses[loss].Loss == TaskLoss.SquaredError
        select (learner, loss);

    /// <summary>
    /// Without those of spikes, whose losses jump: no finite difference of theirs is their
    /// pseudo-derivative. They have an oracle of their own.
    /// </summary>
    public static IEnumerable<(string Learner, string Loss)> SmoothLearnersAndLosses =>
        LearnersAndLosses.Where(row => !_learners[row.Learner].IsSpiking);

    /// <summary>All that descend to an equilibrium, variants too.</summary>
    public static IEnumerable<string> Descending => Names(row => row is { IsSpiking: false, NeedsSteps: false });

    /// <summary>All that descend, and those that only rules which see the steps can train.</summary>
    public static IEnumerable<string> Smooth => Names(row => !row.IsSpiking);

    public static ILearner Create(string learner, string loss, Activation activation = Activation.Tanh, params int[] hidden) =>
        On(learner, Mlp.WithReadout(Features, hidden.Length == 0 ? [5, 4] : hidden, Losses[loss].Outputs, activation), Losses[loss].Loss);

    /// <summary>With three hidden units: for finite differences in every slow parameter.</summary>
    public static ILearner Small(string learner, string loss) => Create(learner, loss, Activation.Tanh, 3);

    public static ILearner On(string learner, Network network, TaskLoss loss) => _learners[learner].Create(network, loss);

    /// <summary>Whether the support rows share the learner's pull.</summary>
    public static bool PullsPerRow(string learner) => learner.EndsWith("per row", StringComparison.Ordinal);

    private static IEnumerable<string> Names(Func<Row, bool> where) =>
        _learners.Where(entry => where(entry.Value)).Select(entry => entry.Key).Order(StringComparer.Ordinal);

    private sealed record Row(Func<Network, TaskLoss, ILearner> Create)
    {
        /// <summary>Only a part of the parameters learns a task: tested by fewer contracts.</summary>
        public bool IsVariant { get; init; }

        /// <summary>No equilibrium says what it learned: λ is 0, or the rates of the steps are learned.</summary>
        public bool NeedsSteps { get; init; }

        public bool IsSpiking { get; init; }
    }

    /// <summary>A spiking network in place of the given one: each feature is what one input neuron gets in one time step.</summary>
    private static SpikingSynapse Spiking(Network network, SpikingRule rule, SpikingError error, bool learnStrength) => new(
        new SpikingObjective(
            new SpikingNet(
                new SpikeEncoder(network.Inputs, network.Inputs, null, 0), new SpikingDynamics(network.Inputs, 6, 4, 0.1), 5,
                (int)network.Head[0].Shape[^1]),
            error, 0.4, 0.3),
        rule, Strength, learnStrength);

    /// <summary>A float64 θ whose biases, gains, shifts and λ are all different numbers.</summary>
    public static Parameters Theta(ILearner learner, int seed = 1)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(seed);
        using var drawn = SlowParameters.Draw(learner.Slow, random);
        return drawn.Map(t => t.to(torch.ScalarType.Float64).Plus(NormalTensors.Draw(random, t.shape), 0.2));
    }

    /// <summary>Random tasks of one size in float64.</summary>
    /// <param name="loss">A key of <see cref="Losses"/>.</param>
    /// <param name="everyClass">Rows have the classes in turn, so that all occur, as prototypes need.</param>
    public static EpisodeBatch Tasks(
        string loss, int tasks = 3, int support = 6, int query = 5, int seed = 7, bool everyClass = false, int features = Features)
    {
        var (kind, _, columns) = Losses[loss];
        using var scope = torch.NewDisposeScope();
        var random = new Random(seed);
        return new EpisodeBatch(Rows(support), Rows(query));

        Rows<torch.Tensor> Rows(int rows) => new(
            NormalTensors.Draw(random, tasks, rows, features),
            kind == TaskLoss.CrossEntropy ? OneHot(rows) : NormalTensors.Draw(random, tasks, rows, columns),
            kind == TaskLoss.ObservedSquaredError ? Observed(rows) : torch.full([tasks, rows, 1], 1.0 / rows, torch.ScalarType.Float64));

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
                values[(i * columns) + (everyClass ? i % rows % columns : random.Next(columns))] = 1;
            }

            return torch.tensor(values, [tasks, rows, columns]);
        }
    }
}
