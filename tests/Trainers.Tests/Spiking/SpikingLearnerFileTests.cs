using System.Collections.Immutable;
using MLNetMeta.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Spiking;

/// <summary>A spiking learner learns inside ONNX Runtime, too.</summary>
public sealed class SpikingLearnerFileTests
{
    private const int Steps = 12;

    private const int Rows = 7;

    public static TheoryData<SpikingRule, SpikingError, bool> Cases
    {
        get
        {
            var data = new TheoryData<SpikingRule, SpikingError, bool>();
            foreach (var rule in Enum.GetValues<SpikingRule>())
            {
                foreach (var error in Enum.GetValues<SpikingError>())
                {
                    data.Add(rule, error, true);
                    data.Add(rule, error, false);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Adapt_ThroughOnnxRuntime_EqualsTheFreePhase(SpikingRule rule, SpikingError error, bool encodes)
    {
        using var scope = NewDisposeScope();
        using var written = new Written(rule, error, encodes);
        foreach (var steps in (int[])[0, Steps])
        {
            var (weights, scores) = written.ByTorch(steps);
            using var adapted = written.Loaded.Adapt(written.Support, steps);
            foreach (var (expected, actual) in weights.Values.Zip(adapted.ToTensors()))
            {
                var numbers = new float[expected.numel()];
                Buffer.BlockCopy(actual.RawData.ToByteArray(), 0, numbers, 0, 4 * numbers.Length);
                Tolerance.AssertClose(
                    [.. numbers.Select(n => (double)n)], [.. expected.contiguous().data<float>().ToArray().Select(n => (double)n)],
                    Tolerance.Rounding32);
            }

            Tolerance.AssertClose(written.ByOnnx(adapted), scores, Tolerance.Rounding32);
        }

        Assert.True(
            Tolerance.RelativeDistance(written.ByTorch(0).Scores, written.ByTorch(Steps).Scores) > 0.01,
            "Adapting changed nothing: the test would say nothing.");
    }

    [Theory]
    [InlineData(SpikingRule.EProp)]
    [InlineData(SpikingRule.OnlineEProp)]
    public void Graph_OfALearnerByEProp_GoesThroughTimeInScans(SpikingRule rule)
    {
        using var written = new Written(rule, SpikingError.EveryStep, encodes: true);
        var graph = ModelProto.Parser.ParseFrom(written.Loaded.File.Span).Graph;
        var loop = Assert.Single(graph.Node, n => n.OpType == "Loop");
        Assert.Single(loop.Attribute.Single(a => a.Name == "body").G.Node, n => n.OpType == "Scan");
        Assert.Single(graph.Node, n => n.OpType == "Scan");
        // The size of the graph does not depend on the length of time.
        Assert.InRange(loop.Attribute.Single(a => a.Name == "body").G.Node.Count, 1, 250);
    }

    private sealed class Written : IDisposable
    {
        private static readonly Standardization _targets = new([2], [3]);

        private readonly SpikingSynapse _learner;
        private readonly Parameters _theta;
        private readonly EpisodeBatch _batch;
        private readonly Phase _free = new(Optimizer.Adam(0.02), Steps);
        private readonly float[] _query;

        public Written(SpikingRule rule, SpikingError error, bool encodes)
        {
            using var scope = NewDisposeScope();
            var random = new Random(4);
            var features = encodes ? 2 : SpikingCase.Steps * SpikingCase.Inputs;
            var encoder = new SpikeEncoder(
                features, SpikingCase.Steps, encodes ? new PopulationCode { Neurons = 6, Width = 0.15 } : null, seed: 2);
            _learner = SpikingCase.Learner(
                new SpikingNet(encoder, SpikingCase.Dynamics(), SpikingCase.Units, 1), rule, error, learnStrength: true);
            using var theta = Zoo.Theta(_learner);
            // λ small enough to learn.
            using var weak = new Parameters(theta.Values.With(theta.Names.Zip(theta.Values.Values, (name, v) =>
                name.StartsWith("log_lambda", StringComparison.Ordinal) ? v.Plus(-5) : v.Times(2)).ToArray()));
            _theta = weak.Map(t => t.to(ScalarType.Float32));

            float[] Draw() =>
                [.. Enumerable.Range(0, Rows * features).Select(_ => encodes ? (float)(4 * random.NextDouble()) : random.Next(2))];
            var scale = encodes
                ? new Standardization([0, 0], [4, 4])
                : new Standardization(new float[features], [.. Enumerable.Repeat(1f, features)]);
            var support = Draw();
            _query = Draw();
            float[] labels = [.. Enumerable.Range(0, Rows).Select(i => 2f + i)];
            Support = new SupportSet(Rows, support, null, labels);
            Rows<Tensor> Sided(float[] x) => new(
                tensor([.. x.Select((v, i) => v / scale.Scale[i % features])], [1, Rows, features]),
                tensor([.. labels.Select(l => (l - 2) / 3)], [1, Rows, 1]), full([1, Rows, 1], 1f / Rows, ScalarType.Float32));
            _batch = new EpisodeBatch(Sided(support), Sided(_query));
            Loaded = Learner.Load(
                LearnerFileWriter.Write(
                    _learner, _theta.ToVector(), new LearnerFileContents(_free, scale, _targets, (ImmutableArray<string>?)null)));
        }

        public Learner Loaded { get; }

        public SupportSet Support { get; }

        public (NamedValues<Tensor> Weights, double[] Scores) ByTorch(int steps)
        {
            var problem = new InnerProblem(_learner, _theta.Values, _batch);
            var end = Settle.Run(problem, problem.InitialFast(), 0, _free with { Steps = steps }).Phi;
            return (end, [.. problem.Predict(end, _batch.Query.Features).data<float>().ToArray().Select(v => (3.0 * v) + 2)]);
        }

        public double[] ByOnnx(AdaptedParameters adapted)
        {
            using var scorer = new BatchScorer(Loaded, adapted, 1, Rows);
            var width = _query.Length / Rows;
            for (var row = 0; row < Rows; row++)
            {
                _query.AsSpan(row * width, width).CopyTo(scorer.Query(row));
            }

            scorer.Run(Rows);
            return [.. Enumerable.Range(0, Rows).SelectMany(row => scorer.Scores(row).ToArray()).Select(v => (double)v)];
        }

        public void Dispose()
        {
            Loaded.Dispose();
            _theta.Dispose();
            _batch.Dispose();
        }
    }
}
