using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Samples;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>Networks, learners and optimisers of a user, through the doors.</summary>
public sealed class CustomLearnerTests
{
    private static readonly CustomNetwork _network = new(features => new ResidualNetwork(features, units: 6, blocks: 1));

    private readonly MLContext _ml = new(1);

    private static CustomLearnerTrainer.Options Adapters(Func<Network, TaskLoss, ILearner>? create = null) =>
        new(create ?? ((network, loss) => new LowRankAdapters(network, loss, rank: 1)))
        {
            Tasks = TinyTraining.Tasks,
            Network = _network,
            Training = new() { Steps = 4, ValidationInterval = 2, ValidationTasks = 3, TasksPerStep = 4, Seed = 1 },
            Adaptation = new() { Steps = 5 },
        };

    private LearnerTransformer Fit(CustomLearnerTrainer.Options options) =>
        _ml.MetaLearning().Regression.Custom(options).Fit(ManyTasks.View(_ml, ManyTasks.Sinusoids(10, 12)));

    [Fact]
    public void Fit_OnBothEngines_GivesTheSameCurve()
    {
        var (torch, onnx) = (new MetaTrainingHistory(), new MetaTrainingHistory());
        foreach (var (compute, history) in new[] { (Compute.Torch(), torch), (Compute.OnnxRuntime(), onnx) })
        {
            var options = Adapters();
            Fit(options with { Compute = compute, Training = options.Training with { Progress = history } }).Dispose();
        }

        Assert.Equal(3, torch.Reports.Count);
        Assert.All(
            torch.Reports.Zip(onnx.Reports), pair => Assert.Equal(pair.First.ValidationLoss, pair.Second.ValidationLoss, 1e-4));
        Assert.NotEqual(torch.Reports[0].ValidationLoss, torch.Reports[2].ValidationLoss);
    }

    [Fact]
    public void Fit_SavesALearner_ThatAdaptsAndExports()
    {
        using var folder = new TemporaryFolder();
        using var fitted = Fit(Adapters());
        fitted.Learner.Save(folder.File("learner.onnx"));
        using var learner = _ml.MetaLearning().LoadLearner(folder.File("learner.onnx"));
        Assert.Equal(nameof(LowRankAdapters), learner.Kind);
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(1, 12));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(rows);
        model.SaveAsOnnx(folder.File("adapted.onnx"));
        Assert.All(
            model.Transform(rows).GetColumn<float>("Score"), score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void Fit_Episodes_DrawsAReadoutPerClass()
    {
        var trainer = _ml.MetaLearning().Classification.Custom(Adapters() with { Tasks = new Episodes { Ways = 3, Shots = 2 } });
        using var learner = trainer.Fit(
            Blobs.KeyedView(_ml, Blobs.Classes([.. Enumerable.Range(0, 20).Select(i => $"class {i}")], 8))).Learner;
        Assert.Null(learner.OutputCount);
    }

    [Theory]
    [InlineData("ComplexSynapse")]
    [InlineData("DualSystem")]
    public void Fit_CustomNetworkAndOptimizer_InLearnersOfTheLibrary(string learner)
    {
        var options = (InnerLoopOptions)TinyTraining.OfRegression(learner) with
        {
            Network = _network, Adaptation = new() { Optimizer = Optimizer.Custom(new DampedRule(0.5), 0.02), Steps = 5 },
        };
        options = options with
        {
            Training = options.Training with { Optimizer = Optimizer.Custom(new DampedRule(0.1), 0.01) },
        };
        using var fitted = TinyTraining.Regression(options);
        Assert.Equal(1, fitted.OutputCount);
    }

    [Fact]
    public void CustomNetwork_OfOtherInputs_IsRefused()
    {
        var failure = Assert.Throws<InvalidOperationException>(
            () => Fit(Adapters() with { Network = new CustomNetwork(_ => new ResidualNetwork(7, 4)) }));
        Assert.Contains(
            "The network ResidualNetwork takes 7 features, but column 'Features' has 2", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<InvalidOperationException>(() => Fit(Adapters() with { Network = new CustomNetwork(_ => null!) }));
        Assert.Contains("returned null for 2 features", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new CustomNetwork(null!));
    }

    [Fact]
    public void CustomLearner_ThatDoesNotFitTheRows_IsRefused()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Fit(Adapters((_, loss) => new LowRankAdapters(
            new Network(new ResidualNetwork(3, 4), 5), loss, 1))));
        Assert.Contains(
            "is for 3 features, 5 outputs and the loss SquaredError, but the rows are for 2 features, 1 outputs", failure.Message,
            StringComparison.Ordinal);
        failure = Assert.Throws<InvalidOperationException>(() => Fit(Adapters((_, _) => null!)));
        Assert.Contains("The function that makes the learner returned null", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new CustomLearnerTrainer.Options(null!));
    }

    [Fact]
    public void CustomLearner_ThatCannotBeWritten_IsRefusedBeforeTraining()
    {
        var failure = Assert.Throws<InvalidOperationException>(
            () => Fit(Adapters() with { Network = new CustomNetwork(_ => new OddNetwork(counted: true, name: "w")) }));
        Assert.Contains("cannot be run as an ONNX graph: Axis -2 of", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<InvalidOperationException>(
            () => Fit(Adapters() with { Network = new CustomNetwork(_ => new OddNetwork(counted: false, name: "w", read: "v")) }));
        Assert.Contains("No value 'v'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ComplexSynapse")]
    [InlineData("DualSystem")]
    public void CustomNetwork_ThatCannotBeWritten_IsRefusedInLearnersOfTheLibrary(string learner)
    {
        var options = (InnerLoopOptions)TinyTraining.OfRegression(learner) with
        {
            Network = new CustomNetwork(_ => new OddNetwork(counted: true, name: "w")), Compute = Compute.Torch(),
        };
        var failure = Assert.Throws<InvalidOperationException>(() => TinyTraining.Regression(options));
        Assert.Contains("cannot be run as an ONNX graph: Axis -2 of", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CustomLearner_OfAReservedName_IsRefused()
    {
        var failure = Assert.Throws<InvalidOperationException>(
            () => Fit(Adapters() with { Network = new CustomNetwork(_ => new OddNetwork(counted: false, name: "features.mean")) }));
        Assert.Contains("'features.mean', a name that the learner file reserves", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CustomLearner_WhosePredictionHasAnotherShape_IsRefused()
    {
        var failure = Assert.Throws<InvalidOperationException>(() => Fit(Adapters((network, loss) => new WideLearner(network, loss))));
        Assert.Contains(
            "returns the shape [queries, 2] for the query rows, expected [queries, 1]", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CustomLearner_OfOtherSettings_DoesNotResume()
    {
        using var folder = new TemporaryFolder();
        var options = Adapters((network, loss) => new LowRankAdapters(network, loss, rank: 1, strength: 5)) with
        {
            Checkpoint = new(folder.File("run.checkpoint")),
        };
        Fit(options).Dispose();
        foreach (var other in new[]
        {
            options with { Settings = "other" },
            Adapters((network, loss) => new LowRankAdapters(network, loss, rank: 1, strength: 1)) with { Checkpoint = options.Checkpoint },
        })
        {
            var failure = Assert.Throws<InvalidOperationException>(() => Fit(other));
            Assert.Contains("delete the file to start anew", failure.Message, StringComparison.Ordinal);
        }

        Fit(options with { Training = options.Training with { Steps = 4 } }).Dispose();
    }

    [Theory]
    [InlineData("head.bias", "have the name 'head.bias'")]
    [InlineData("odd.gain", "have the name 'odd.gain'")]
    [InlineData(" ", "has no name")]
    public void CustomNetwork_WhoseNamesClash_IsRefused(string name, string message)
    {
        var failure = Assert.Throws<ArgumentException>(() => new Network(new OddNetwork(counted: false, name), outputs: 1));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Network_OfNoLength_IsRefused()
    {
        var failure = Assert.Throws<ArgumentException>(() => new Network(new OddNetwork(false, "w") { Shape = [2, 0] }, 1));
        Assert.Contains("'w' of the network has the shape [2, 0]", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Network(new OddNetwork(false, "w"), 0));
    }

    [Fact]
    public void PatchMap_OutsideItsRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchMap(0, 3, 1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchMap(3, 3, 4, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchMap(3, 3, 2, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchMap(3, 3, 2, 1, -1));
    }

    [Fact]
    public void Consolidation_LearnedFromZero_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Consolidation([], 0, learned: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Consolidation([], -1, learned: false));
    }

    [Fact]
    public void Custom_OptimizerWithoutARule_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => Optimizer.Custom(null!, 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Optimizer.Custom(new DampedRule(1), 0));
        Assert.Equal(0.2, Optimizer.Custom(new DampedRule(1), 0.1).WithLearningRate(0.2).LearningRate);
    }

    /// <summary>Predicts two columns whatever is asked.</summary>
    private sealed class WideLearner(Network network, TaskLoss loss) : ILearner
    {
        private readonly Consolidation _consolidation = new([new ParameterSpec("w", [2, 2])], 1, learned: false);

        public INetworkDescription Network => network;

        public TaskLoss Loss => loss;

        public int? Outputs => network.Outputs;

        public ImmutableArray<ParameterSpec> Slow => _consolidation.Slow;

        public ImmutableArray<ParameterSpec> Fast { get; } = [new("w", [2, 2])];

        public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => NamedValues.Of(_consolidation.Consolidated(ops, theta));

        public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
            _consolidation.InitialFast(ops, consolidated, support);

        public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) => ops.MatMul(encoded, phi["w"]);

        public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) => _consolidation.AddEnergy(
            ops, ops.WeightedSum(ops.SumLast(Predict(ops, phi, consolidated, support.Features)), support.Weights), phi, consolidated);
    }

    /// <summary>A linear stage with something odd about it.</summary>
    private sealed class OddNetwork(bool counted, string name, string? read = null) : INetwork
    {
        public ImmutableArray<long> Shape { get; init; } = [2, 2];

        public int Inputs => 2;

        public int Units => 2;

        public ImmutableArray<NetworkStage> Stages { get; } = [new("odd", 2)];

        public ImmutableArray<ParameterSpec> Parameters => [new(name, Shape)];

        public string Describe() => "{}";

        public V BeforeModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h)
        {
            var product = ops.MatMul(h, parameters(read ?? name));
            // The number of rows is not known when a graph is written.
            return counted ? ops.Scale(product, 1.0 / ops.Length(product, -2)) : product;
        }

        public V AfterModulation<V>(Ops<V> ops, Func<string, V> parameters, int stage, V h) => h;
    }
}
