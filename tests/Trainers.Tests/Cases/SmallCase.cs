using System.Collections.Immutable;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Learners on a small network and small random tasks in float64: what reference rules are checked on.</summary>
internal static class SmallCase
{
    public const int Features = 2;

    private const int Columns = 3;

    /// <summary>Every configuration of every learner that descends; λ is 0.7 where it is not 0.</summary>
    public static ImmutableSortedDictionary<string, Func<Network, TaskLoss, ILearner>> Learners { get; } =
        new Dictionary<string, Func<Network, TaskLoss, ILearner>>
        {
            ["synapse, fixed λ"] = (n, l) => new ComplexSynapse(n, l, 0.7, false),
            ["synapse, learned λ"] = (n, l) => new ComplexSynapse(n, l, 0.7, true),
            ["synapse, learned λ, head fast (ANIL)"] = (n, l) => new ComplexSynapse(n, l, 0.7, true, FastParameters.Head),
            ["synapse, learned λ, body fast (BOIL)"] = (n, l) => new ComplexSynapse(n, l, 0.7, true, FastParameters.Body),
            ["synapse, learned λ per row"] = (n, l) => new ComplexSynapse(n, l, 3.5, true, pullPerRow: true),
            ["dual, learned λ per row"] = (n, l) => new DualSystem(n, l, 3.5, true, pullPerRow: true),
            ["dual, fixed λ"] = (n, l) => new DualSystem(n, l, 0.7, false),
            ["dual, learned λ"] = (n, l) => new DualSystem(n, l, 0.7, true),
            ["dual, readout only"] = (n, l) => new DualSystem(n, l, 0.7, true, modulatedLayers: 0),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Learners that only rules which see the steps or the start can train.</summary>
    public static ImmutableSortedDictionary<string, Func<Network, TaskLoss, ILearner>> SteppingLearners { get; } =
        new Dictionary<string, Func<Network, TaskLoss, ILearner>>
        {
            ["synapse, λ 0 (MAML)"] = (n, l) => new ComplexSynapse(n, l, 0, false),
            ["synapse, learned λ and rates (Meta-SGD)"] = (n, l) => new ComplexSynapse(n, l, 0.7, true, FastParameters.All, true),
            ["dual, λ 0 (CAVIA)"] = (n, l) => new DualSystem(n, l, 0, false),
            ["dual, learned λ and rates"] = (n, l) => new DualSystem(n, l, 0.7, true, true),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static ImmutableSortedDictionary<string, Optimizer> Optimizers { get; } = new Dictionary<string, Optimizer>
    {
        ["SGD"] = Optimizer.Sgd(0.1),
        ["momentum"] = Optimizer.Sgd(0.05, 0.8),
        ["Nesterov"] = Optimizer.Sgd(0.05, 0.8, nesterov: true),
        ["Adam"] = Optimizer.Adam(0.02, epsilon: 1e-3),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static ILearner Create(string name, TaskLoss loss, int? outputs, Activation activation = Activation.Tanh) =>
        (Learners.GetValueOrDefault(name) ?? SteppingLearners[name])(Mlp.WithReadout(Features, [3], outputs, activation), loss);

    /// <summary>Cross-entropy for learners of classes (outputs null or 3), else squared error.</summary>
    public static EpisodeBatch Tasks(
        TaskLoss loss, int tasks = 2, int support = 5, int query = 4, int seed = 3, int outputs = 1, int features = Features)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        return new EpisodeBatch(Rows(support), Rows(query));

        Rows<Tensor> Rows(int rows) => new(
            NormalTensors.Draw(random, tasks, rows, features),
            loss == TaskLoss.SquaredError ? NormalTensors.Draw(random, tasks, rows, outputs) : Classes(rows),
            full([tasks, rows, 1], 1.0 / rows, ScalarType.Float64));

        // Every class occurs, as prototypes need.
        Tensor Classes(int rows)
        {
            var values = new double[tasks * rows * Columns];
            for (var i = 0; i < tasks * rows; i++)
            {
                values[(i * Columns) + (i % rows % Columns)] = 1;
            }

            return tensor(values, [tasks, rows, Columns]);
        }
    }

    /// <summary>A θ in which no number is special.</summary>
    public static Parameters Theta(ILearner learner, int seed = 1)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        using var drawn = SlowParameters.Draw(learner.Slow, random);
        return drawn.Map(t => t.to(ScalarType.Float64).add(NormalTensors.Draw(random, t.shape), 0.2));
    }
}
