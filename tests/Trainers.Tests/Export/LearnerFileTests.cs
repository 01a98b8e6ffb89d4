using System.Collections.Immutable;
using System.Text.Json;
using MLNetMeta.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Export;

/// <summary>What ONNX Runtime computes from a learner file is what TorchSharp computed when it was trained.</summary>
public sealed class LearnerFileTests
{
    private const int Steps = 12;

    private static readonly Standardization _features = new([0.5f, -1, 20], [2, 0.5f, 10]);

    private static readonly ImmutableArray<string> _classes = ["ash", "beech", "cedar"];

    public static TheoryData<string, string, string, Activation> Table
    {
        get
        {
            var data = new TheoryData<string, string, string, Activation>();
            foreach (var (learner, loss) in Zoo.LearnersAndLosses)
            {
                foreach (
                    var optimizer in Zoo.Optimizers.Keys.Where(
                        o => o != Zoo.AdamOfSmallEpsilon || Zoo.Losses[loss].Outputs is not null))
                {
                    data.Add(learner, loss, optimizer, Activation.Tanh);
                }

                foreach (var activation in Enum.GetValues<Activation>())
                {
                    data.Add(learner, loss, "Nesterov", activation);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Adapt_ThroughOnnxRuntime_EqualsTheFreePhase(string learnerName, string loss, string optimizer, Activation activation)
    {
        using var file = new Written(learnerName, loss, optimizer, activation);
        var expected = file.ScoresOfTorch(Steps);
        AssertClose(file.ScoresOfOnnx(steps: null), expected);
        Assert.True(
            Tolerance.RelativeDistance(file.ScoresOfTorch(0), expected) > 100 * Tolerance.Rounding32,
            "Adapting changed nothing: the test would say nothing.");
    }

    /// <summary>Numbers of support rows below, within and above those that the temperature is known for.</summary>
    public static TheoryData<string, string, int> Calibrated
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach (var (learner, loss) in Zoo.LearnersAndLosses
                .Where(row => Zoo.Losses[row.Loss].Loss == TaskLoss.CrossEntropy))
            {
                foreach (var rows in (int[])[6, 9, 40])
                {
                    data.Add(learner, loss, rows);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Calibrated))]
    public void Write_WithATemperature_DividesTheLogitsByThatOfTheSupportRows(string learnerName, string loss, int rows)
    {
        var calibration = new Calibration(0.7, 0.4, FewestRows: 8, MostRows: 20);
        using var plain = new Written(learnerName, loss, "Nesterov", Activation.Tanh, rows: rows);
        using var calibrated = new Written(learnerName, loss, "Nesterov", Activation.Tanh, rows: rows, calibration: calibration);
        var temperature = Math.Exp(0.7 + (0.4 * Math.Log(Math.Clamp(rows, 8, 20))));
        double[] expected =
        [
            .. plain.ScoresOfOnnx(steps: null).Chunk(Zoo.Losses[loss].Columns).SelectMany(probabilities =>
            {
                var powers = Array.ConvertAll(probabilities, p => Math.Pow(p, 1 / temperature));
                return powers.Select(power => power / powers.Sum());
            }),
        ];
        AssertClose(calibrated.ScoresOfOnnx(steps: null), expected);
        Assert.True(
            Tolerance.RelativeDistance(plain.ScoresOfOnnx(steps: null), expected) > 100 * Tolerance.Rounding32,
                "A temperature changes probabilities.");
    }

    /// <summary>Regressions, with numbers of support rows within and beyond those that intervals are known for.</summary>
    public static TheoryData<string, string, int> WithIntervals
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach (var (learner, loss) in Zoo.LearnersAndLosses
                .Where(row => Zoo.Losses[row.Loss].Loss != TaskLoss.CrossEntropy))
            {
                data.Add(learner, loss, 9);
                data.Add(learner, loss, 40);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WithIntervals))]
    public void Write_WithIntervals_GivesTheHalfWidthsOfRowsResidualAndDistance(string learnerName, string loss, int rows)
    {
        float[] factors = [1.5f, 0.5f, 0.8f], unadapted = [2, 3, 4];
        var columns = Zoo.Losses[loss].Columns;
        var intervals = new Intervals(0.8, -0.5, 0.7, 1.5, [.. factors[..columns]], [.. unadapted[..columns]], FewestRows: 4, MostRows: 20);
        using var file = new Written(learnerName, loss, "Nesterov", Activation.Tanh, rows: rows, intervals: intervals);

        Assert.Equal(0.8, file.Loaded.IntervalCoverage);
        AssertClose(file.HalfWidthsOfOnnx(steps: null), file.HalfWidthsOf(intervals, Steps));
        AssertClose(file.HalfWidthsOfOnnx(steps: 0), [.. Enumerable.Range(0, 5 * columns).Select(i =>
            file.UnitOf(i % columns) * unadapted[i % columns] * Math.Pow(1 + file.DistanceOf(i / columns, _ => 0), 1.5))]);
        AssertClose(file.ScoresOfOnnx(steps: null), file.ScoresOfTorch(Steps));
    }

    [Fact]
    public void Write_Standardisation_IsDeclared()
    {
        using var file = new Written("ComplexSynapse, fixed λ", "squared error of one output", "Adam", Activation.Tanh);

        Assert.NotNull(file.Loaded.Standardizer);
    }

    public static TheoryData<string, string> LearnersAndLosses => ContrastiveRuleLearnersAndLosses();

    [Theory]
    [MemberData(nameof(LearnersAndLosses))]
    public void Adapt_InOtherThanTheTrainedNumberOfSteps_EqualsAFreePhaseOfThatLength(string learnerName, string loss)
    {
        using var file = new Written(learnerName, loss, "Adam", Activation.Tanh);
        AssertClose(file.ScoresOfOnnx(0), file.ScoresOfTorch(0));
        AssertClose(file.ScoresOfOnnx(1), file.ScoresOfTorch(1));
        AssertClose(file.ScoresOfOnnx(30), file.ScoresOfTorch(30));
    }

    [Theory]
    [InlineData("ComplexSynapse, learned λ", 2)]
    [InlineData("ComplexSynapse, learned λ", 3)]
    [InlineData("ComplexSynapse, learned λ", 7)]
    [InlineData("DualSystem, fixed λ", 3)]
    [InlineData("DualSystem, fixed λ", 7)]
    public void Adapt_OfAnEpisodicLearner_TakesAnyNumberOfClasses(string learnerName, int classes)
    {
        using var file = new Written(learnerName, "cross-entropy of episodes", "Nesterov", Activation.Tanh, classes, rows: 14);
        AssertClose(file.ScoresOfOnnx(null), file.ScoresOfTorch(Steps));
    }

    [Fact]
    public void Adapt_OfASharedLearner_ScoresClassesThatTheSupportLacks()
    {
        using var file = new Written("ComplexSynapse, fixed λ", "cross-entropy of shared labels", "SGD", Activation.Tanh, onlyClass: 1);
        AssertClose(file.ScoresOfOnnx(null), file.ScoresOfTorch(Steps));
    }

    [Theory]
    [InlineData("ComplexSynapse, learned λ", "cross-entropy of episodes", MetaTask.Classification, LabelSemantics.Episodes, null)]
    [InlineData("DualSystem, learned λ", "cross-entropy of shared labels", MetaTask.Classification, LabelSemantics.Shared, 3)]
    [InlineData("ComplexSynapse, fixed λ", "squared error of one output", MetaTask.Regression, LabelSemantics.Targets, 1)]
    [InlineData("DualSystem, fixed λ", "squared error of two outputs", MetaTask.Regression, LabelSemantics.Targets, 2)]
    [InlineData("DualSystem, fixed λ", "squared error of observed outputs", MetaTask.Regression, LabelSemantics.Targets, 3)]
    public void Metadata_OfTheFile_SayWhatWasTrained(string learnerName, string loss, MetaTask task, LabelSemantics labels, int? outputs)
    {
        using var file = new Written(learnerName, loss, "Adam", Activation.Gelu);
        var learner = file.Loaded;
        Assert.Equal(learnerName.Split(',')[0], learner.Kind);
        Assert.Equal(task, learner.Task);
        Assert.Equal(labels, learner.Labels);
        Assert.Equal(outputs, learner.OutputCount);
        Assert.Equal(loss == "squared error of observed outputs", learner.MissingTargets);
        Assert.Equal(Zoo.Features, learner.FeatureCount);
        Assert.Equal(Steps, learner.Steps);
        Assert.Equal(labels == LabelSemantics.Shared ? _classes : [], learner.Classes);

        var optimizer = JsonDocument.Parse(learner.InnerOptimizer).RootElement;
        Assert.Equal("Adam", optimizer.GetProperty("kind").GetString());
        Assert.Equal(0.02, optimizer.GetProperty("learningRate").GetDouble());
        var network = JsonDocument.Parse(learner.Network).RootElement;
        Assert.Equal([5, 4], network.GetProperty("hidden").EnumerateArray().Select(e => e.GetInt32()));
        Assert.Equal("Gelu", network.GetProperty("activation").GetString());
    }

    [Theory]
    [MemberData(nameof(LearnersAndLosses))]
    public void Graph_OfTheFile_HasTheDocumentedInputsAndOutputs(string learnerName, string loss)
    {
        using var file = new Written(learnerName, loss, "Adam", Activation.Tanh);
        var model = ModelProto.Parser.ParseFrom(file.Loaded.File.Span);
        Assert.Equal(8, model.IrVersion);
        Assert.Equal([("", 17L)], model.OpsetImport.Select(o => (o.Domain, o.Version)));
        Assert.Equal(["support_features", "support_labels", "query_features", "steps"], model.Graph.Input.Select(i => i.Name));
        var isClassification = Zoo.Losses[loss].Loss == TaskLoss.CrossEntropy;
        var labels = model.Graph.Input[1].Type.TensorType;
        Assert.Equal((int)(isClassification ? TensorProto.Types.DataType.Int64 : TensorProto.Types.DataType.Float), labels.ElemType);
        Assert.Equal(isClassification ? 1 : 2, labels.Shape.Dim.Count);
        Assert.Empty(model.Graph.Input[3].Type.TensorType.Shape.Dim);
        Assert.Equal(["scores", .. file.Learner.Fast.Select(f => $"adapted.{f.Name}")], model.Graph.Output.Select(o => o.Name));
        Assert.Single(model.Graph.Node, n => n.OpType == "Loop");
        // An input with a default would make ONNX Runtime warn whenever the file is loaded.
        Assert.Empty(model.Graph.Initializer.Select(i => i.Name).Intersect(model.Graph.Input.Select(i => i.Name)));
        Assert.Matches(@"^\d+\.\d+\.\d+$", model.ProducerVersion);
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytes()
    {
        using var one = new Written("DualSystem, learned λ", "cross-entropy of episodes", "Adam", Activation.Silu);
        using var two = new Written("DualSystem, learned λ", "cross-entropy of episodes", "Adam", Activation.Silu);
        Assert.True(one.Loaded.File.Span.SequenceEqual(two.Loaded.File.Span));
    }

    private static TheoryData<string, string> ContrastiveRuleLearnersAndLosses()
    {
        var data = new TheoryData<string, string>();
        foreach (var (learner, loss) in Zoo.LearnersAndLosses)
        {
            data.Add(learner, loss);
        }

        return data;
    }

    private static void AssertClose(double[] actual, double[] expected) => Tolerance.AssertClose(actual, expected, Tolerance.Rounding32);

    /// <summary>A learner in both worlds, with one task of raw rows.</summary>
    private sealed class Written : IDisposable
    {
        private readonly Parameters _theta;
        private readonly EpisodeBatch _batch;
        private readonly Standardization? _targets;
        private readonly Optimizer _optimizer;
        private readonly SupportSet _support;
        private readonly float[] _query;
        private readonly int _columns;

        public Written(
            string learnerName, string loss, string optimizer, Activation activation, int? classes = null, int rows = 9,
            int? onlyClass = null, Calibration? calibration = null, Intervals? intervals = null)
        {
            using var scope = NewDisposeScope();
            var random = new Random(6);
            _optimizer = Zoo.Optimizers[optimizer];
            _columns = classes ?? Zoo.Losses[loss].Columns;
            Learner = Zoo.Create(learnerName, loss, activation);
            using var theta64 = Zoo.Theta(Learner);
            _theta = theta64.Map(t => t.to(ScalarType.Float32));
            var isClassification = Learner.Loss == TaskLoss.CrossEntropy;
            _targets = isClassification
                ? null
                : new Standardization(
                    [.. Enumerable.Range(0, _columns).Select(i => 3f + i)], [.. Enumerable.Range(0, _columns).Select(i => 2f + i)]);

            var features = Raw(random, rows, Zoo.Features, _features);
            _query = Raw(random, 5, Zoo.Features, _features);
            long[]? labels = isClassification ? [.. Enumerable.Range(0, rows).Select(i => (long)(onlyClass ?? i % _columns))] : null;
            var targets = isClassification ? null : Raw(random, rows, _columns, _targets!);
            bool IsMissing(int i) => Learner.Loss == TaskLoss.ObservedSquaredError && i % 3 == 1;
            var observed = Enumerable.Range(0, rows * _columns).Count(i => !IsMissing(i));
            _support = new SupportSet(
                rows, features, labels, targets is null ? null : [.. targets.Select((v, i) => IsMissing(i) ? float.NaN : v)]);
            _batch = new EpisodeBatch(
                Rows(
                    features, rows, isClassification ? OneHot(labels!) : Standardized(targets!, _targets!),
                    Learner.Loss == TaskLoss.ObservedSquaredError
                    ? tensor(
                        Enumerable.Range(0, rows * _columns).Select(i => IsMissing(i) ? 0 : 1f / observed).ToArray(), [1, rows, _columns])
                    : full([1, rows, 1], 1f / rows, ScalarType.Float32)),
                Rows(_query, 5, new float[5 * _columns], full([1, 5, 1], 0.2f, ScalarType.Float32)));

            Loaded = Transforms.Learner.Load(LearnerFileWriter.Write(Learner, _theta.ToVector(), new LearnerFileContents(
                new Phase(_optimizer, Steps), _features, _targets, loss == "cross-entropy of shared labels"
                    ? _classes
                    : (ImmutableArray<string>?)null, Calibration: calibration, Intervals: intervals)));
        }

        public ILearner Learner { get; }

        public Learner Loaded { get; }

        public double[] ScoresOfTorch(int steps)
        {
            using var scope = NewDisposeScope();
            var problem = new InnerProblem(Learner, _theta.Values, _batch);
            var end = Settle.Run(problem, problem.InitialFast(), 0, new Phase(_optimizer, steps));
            var outputs = problem.Predict(end.Phi, _batch.Query.Features);
            if (_targets is null)
            {
                return [.. outputs.softmax(-1).data<float>().ToArray().Select(v => (double)v)];
            }

            return [.. outputs.data<float>().ToArray().Select(
                (v, i) => ((double)v * _targets.Scale[i % _columns]) + _targets.Mean[i % _columns])];
        }

        /// <summary>The unit of a target.</summary>
        public double UnitOf(int output) => _targets!.Scale[output];

        /// <summary>How far a query is from a point.</summary>
        public double DistanceOf(int query, Func<int, double> point) => Math.Sqrt(Enumerable.Range(0, Zoo.Features).Average(f =>
            Math.Pow(Standardized(_query, _features)[(query * Zoo.Features) + f] - point(f), 2)));

        /// <summary>The half-widths by their formula, from the predictions of torch.</summary>
        public double[] HalfWidthsOf(Intervals intervals, int steps)
        {
            using var scope = NewDisposeScope();
            var problem = new InnerProblem(Learner, _theta.Values, _batch);
            var end = Settle.Run(problem, problem.InitialFast(), 0, new Phase(_optimizer, steps));
            var support = problem.Predict(end.Phi, _batch.Support.Features).data<float>().ToArray();
            var targets = _support.Targets!;
            var residuals = Enumerable.Range(0, _columns).Select(output => Math.Sqrt(support
                .Select((v, i) => (Output: i % _columns,
                    Error: v - ((targets[i] - _targets!.Mean[i % _columns]) / _targets.Scale[i % _columns])))
                .Where(v => v.Output == output && !float.IsNaN(v.Error))
                    .Select(v => (double)v.Error * v.Error).DefaultIfEmpty().Average())).ToArray();
            var features = Standardized(_support.Features, _features);
            double Distance(int row) => DistanceOf(row, f => features.Where((_, i) => i % Zoo.Features == f).Average());
            return [.. Enumerable.Range(0, 5 * _columns).Select(i => UnitOf(i % _columns)
                * intervals.HalfWidth(i % _columns, _support.Rows, residuals[i % _columns], Distance(i / _columns)))];
        }

        public double[] HalfWidthsOfOnnx(int? steps) => OfOnnx(steps, (scorer, row) => scorer.HalfWidths(row).ToArray());

        public double[] ScoresOfOnnx(int? steps) => OfOnnx(steps, (scorer, row) => scorer.Scores(row).ToArray());

        private double[] OfOnnx(int? steps, Func<BatchScorer, int, float[]> read)
        {
            using var adapted = Loaded.Adapt(_support, steps);
            using var scorer = new BatchScorer(Loaded, adapted, _columns, 5);
            for (var row = 0; row < 5; row++)
            {
                _query.AsSpan(row * Zoo.Features, Zoo.Features).CopyTo(scorer.Query(row));
            }

            scorer.Run(5);
            return [.. Enumerable.Range(0, 5).SelectMany(row => read(scorer, row)).Select(v => (double)v)];
        }

        public void Dispose()
        {
            Loaded.Dispose();
            _theta.Dispose();
            _batch.Dispose();
        }

        private static float[] Raw(Random random, int rows, int width, Standardization by)
        {
            using var scope = NewDisposeScope();
            var normal = NormalTensors.Draw(random, rows, width).data<double>().ToArray();
            return [.. normal.Select((v, i) => (float)((v * by.Scale[i % width]) + by.Mean[i % width]))];
        }

        private static float[] Standardized(float[] raw, Standardization by) =>
            [.. raw.Select((v, i) => (v - by.Mean[i % by.Mean.Length]) / by.Scale[i % by.Mean.Length])];

        private float[] OneHot(long[] labels) =>
            [.. labels.SelectMany(label => Enumerable.Range(0, _columns).Select(c => c == label ? 1f : 0f))];

        private Rows<Tensor> Rows(float[] features, int rows, float[] targets, Tensor weights) => new(
            tensor(Standardized(features, _features), [1, rows, Zoo.Features]),
            tensor(targets, [1, rows, _columns]),
            weights);
    }
}
