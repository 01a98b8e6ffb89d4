using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Export;

/// <summary>What an improvable learner file holds beside the learner gives what the meta-training gives.</summary>
public sealed class ImprovementWriterTests
{
    // Single precision; a difference of phases is divided by β.
    private const double Strength = 0.3, Agreement = 1e-5 / Strength;

    private static readonly ContrastiveSettings _rule = new(Strength, NudgingStencil.Symmetric, 4, NudgedOptimizer: null);

    private static readonly Phase _free = new(Optimizer.Sgd(0.1), 6);

    private static readonly Standardization _features = new([0.5f, -1, 2], [2, 0.5f, 3]);

    public static TheoryData<string, string> Learners
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (learner, loss) in Zoo.SmoothLearnersAndLosses)
            {
                data.Add(learner, loss);
            }

            return data;
        }
    }

    public static TheoryData<string, double?> Optimizers
    {
        get
        {
            var data = new TheoryData<string, double?>();
            foreach (var name in Zoo.Optimizers.Keys)
            {
                data.Add(name, null);
                data.Add(name, 0.5);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Contribution_OfRowsInTheirUnits_IsThatOfTheEngine(string name, string loss)
    {
        var learner = Zoo.Create(name, loss);
        var rows = new RawRows(learner, Zoo.Losses[loss].Columns);
        using var file = Learner.Load(LearnerFileWriter.Write(learner, rows.Theta, rows.Contents));
        using var engine = new OnnxEngine(learner, _rule, _free, rows, ExecutionProvider.Cpu);
        var expected = engine.Contribute(rows.Theta, TaskRange.Training(0, 1));

        var (gradient, evaluationLoss) = file.Contribute(rows.Support, rows.Query, CancellationToken.None);

        var largest = expected.Gradient.Max(Math.Abs);
        Assert.All(gradient.Zip(expected.Gradient), pair => Assert.Equal(pair.Second, pair.First, Agreement * largest));
        Assert.Equal(expected.EvaluationLoss, evaluationLoss, Agreement * expected.EvaluationLoss);
        Assert.True(largest > 1e-3, "Nothing is contributed.");
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void MetaOptimizer_AsAGraph_TakesTheStepsOfTheLoop(string name, double? clipNorm)
    {
        const int size = 7;
        var random = new Random(3);
        float[] Vector() => [.. Enumerable.Range(0, size).Select(_ => (float)random.NextNormal())];
        var optimizer = Zoo.Optimizers[name];
        var ours = new MetaOptimizer(optimizer, clipNorm, size);
        var (model, slots) = MetaOptimizerGraphWriter.Write(optimizer, clipNorm, size);
        using var session = new GraphSession(model, ExecutionProvider.Cpu);
        var (expected, theta) = (Vector(), Array.Empty<float>());
        theta = expected;
        var start = expected;
        float[][] state = [.. slots.Select(slot => Enumerable.Repeat(slot.Initial, slot.Length ?? 1).ToArray())];
        foreach (var rate in (double[])[0.1, 0.2, 0.05])
        {
            var gradient = Vector();
            expected = ours.Step(expected, gradient, rate);
            var results = session.Run(
                [
                    (MetaTrainingGraph.Theta, theta, [size]), (MetaTrainingGraph.Gradient, gradient, [size]),
                    (MetaTrainingGraph.LearningRate, [(float)rate], []),
                    .. slots.Select((slot, i) => (
                        MetaTrainingGraph.State(i), state[i], slot.Length is { } length ? [length] : Array.Empty<long>())),
                ],
                [], [MetaTrainingGraph.NextTheta, .. slots.Select((_, i) => MetaTrainingGraph.NextState(i))], CancellationToken.None);
            (theta, state) = (results[0], results[1..]);
            Assert.All(theta.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        }

        Assert.NotEqual(start, theta);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Revision_OfAnotherTheta_IsTheFileThatWouldBeWritten(string name, string loss)
    {
        var learner = Zoo.Create(name, loss);
        var rows = new RawRows(learner, Zoo.Losses[loss].Columns);
        float[] other = [.. rows.Theta.Select((number, i) => number + (0.01f * (i % 7)))];
        using var file = Learner.Load(LearnerFileWriter.Write(learner, rows.Theta, rows.Contents));
        using var revised = new RevisedLearner(file);

        var (model, metadata) = LearnerFile.Read(revised.Write(other, revision: 3));

        var (expected, first) = LearnerFile.Read(LearnerFileWriter.Write(learner, other, rows.Contents));
        Assert.Equal(expected.Graph, model.Graph);
        Assert.Equal(other, metadata.Improvement!.ThetaAsNumbers());
        Assert.Equal((3, file.Improvement!.Lineage), (metadata.Improvement.Revision, metadata.Improvement.Lineage));
        Assert.NotEqual(first.Improvement!.Lineage, metadata.Improvement.Lineage);
    }

    [Fact]
    public void Write_WithoutImprovable_HoldsNoMetaTraining()
    {
        var learner = Zoo.Create("ComplexSynapse, fixed λ", "squared error of one output");
        var rows = new RawRows(learner, 1);
        using var file = Learner.Load(LearnerFileWriter.Write(learner, rows.Theta, rows.Contents with { Improvement = null }));
        Assert.Equal((false, (int?)null), (file.IsImprovable, file.Revision));
        Assert.Throws<NotSupportedException>(() => file.Contribute(rows.Support, rows.Query, CancellationToken.None));
    }

    /// <summary>One task in the units of its data, and standardised for the engine.</summary>
    private sealed class RawRows : IEpisodes
    {
        private readonly ILearner _learner;
        private readonly int _columns;

        public RawRows(ILearner learner, int columns)
        {
            (_learner, _columns) = (learner, columns);
            using var theta = Zoo.Theta(learner);
            Theta = theta.ToVector();
            var random = new Random(5);
            (Support, Query) = (Draw(random, 6), Draw(random, 5));
        }

        public float[] Theta { get; }

        public SupportSet Support { get; }

        public SupportSet Query { get; }

        public LearnerFileContents Contents => new(
            _free, _features, HasClasses ? null : Targets,
            HasClasses && _learner.Fast.Concat(_learner.Slow).All(s => !s.IsPerClass)
                ? [.. Enumerable.Range(0, _columns).Select(c => $"class {c}")]
                : null,
            Improvement: new ImprovementSettings(_rule, _free, Optimizer.Adam(0.01), 10));

        private bool HasClasses => _learner.Loss == TaskLoss.CrossEntropy;

        private bool MayMiss => _learner.Loss == TaskLoss.ObservedSquaredError;

        private Standardization Targets => new(
            [.. Enumerable.Range(0, _columns).Select(c => c - 1f)], [.. Enumerable.Range(0, _columns).Select(c => 1 + (0.5f * c))]);

        public EpisodeRows Of(TaskRange tasks) => new(Standardized(Support), Standardized(Query), 0);

        private SupportSet Draw(Random random, int rows)
        {
            float[] Numbers(int width) => [.. Enumerable.Range(0, rows * width).Select(_ => (float)(3 * random.NextNormal()))];
            var targets = HasClasses ? null : Numbers(_columns);
            for (var i = 0; MayMiss && i < targets!.Length; i += 4)
            {
                targets[i] = float.NaN;
            }

            return new SupportSet(
                rows, Numbers(Zoo.Features), HasClasses ? [.. Enumerable.Range(0, rows).Select(i => (long)i % _columns)] : null,
                targets);
        }

        private Rows<HostTensor> Standardized(SupportSet rows)
        {
            float[] By(float[] values, Standardization by) =>
                [.. values.Select((value, i) => (value - by.Mean[i % by.Mean.Length]) / by.Scale[i % by.Mean.Length])];
            var targets = rows.Classes is { } classes
                ? [.. classes.SelectMany(c => Enumerable.Range(0, _columns).Select(column => c == column ? 1f : 0f))]
                : By(rows.Targets!, Targets);
            var observed = targets.Count(target => !float.IsNaN(target));
            float[] weights = MayMiss
                ? [.. targets.Select(target => float.IsNaN(target) ? 0 : 1f / observed)]
                : [.. Enumerable.Repeat(1f / rows.Rows, rows.Rows)];
            return new Rows<HostTensor>(
                new(By(rows.Features, _features), [1, rows.Rows, Zoo.Features]),
                new([.. targets.Select(target => float.IsNaN(target) ? 0 : target)], [1, rows.Rows, _columns]),
                new(weights, [1, rows.Rows, MayMiss ? _columns : 1]));
        }
    }
}
