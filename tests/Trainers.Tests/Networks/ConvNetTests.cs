using MLNetMeta.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Networks;

public sealed class ConvNetTests
{
    private const int Tasks = 2, Support = 6, Query = 4, Classes = 3;

    // float32 against float32: sums of some hundred products in another order.
    private const double Float32 = 1e-4;

    // float64 against float64.
    private const double Float64 = 1e-10;

    /// <summary>Learner, normalisation, channels, stride, pooling.</summary>
    public static TheoryData<string, ImageNormalization, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, ImageNormalization, int, int, int>();
            foreach (var learner in (string[])["ComplexSynapse", "ComplexSynapse, fast head", "DualSystem", "DualSystem, last block"])
            {
                foreach (var normalization in Enum.GetValues<ImageNormalization>())
                {
                    cases.Add(learner, normalization, 1, 2, 1);
                    cases.Add(learner, normalization, 3, 1, 2);
                }
            }

            return cases;
        }
    }

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(3, 1, 1)]
    [InlineData(1, 1, 2)]
    [InlineData(2, 2, 2)]
    public void Forward_WithoutNormalization_EqualsTorchConvolutionsAndPooling(int channels, int stride, int pooling)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (17, 18);
        var network = ConvNet.WithReadout(new ConvolutionalNetwork(new ImageShape(channels, height, width))
        {
            Filters = [4, 5], Stride = stride, Pooling = pooling, Normalization = ImageNormalization.None,
        }, Classes);
        var random = new Random(1);
        var parameters = network.Trunk.Concat(network.Head).ToDictionary(
            s => s.Name, s => tensor(s.Draw(random)).to(ScalarType.Float64).reshape([.. s.Shape]));
        foreach (var bias in parameters.Keys.Where(k => k.EndsWith("bias", StringComparison.Ordinal)).ToArray())
        {
            parameters[bias] = rand_like(parameters[bias]);
        }

        var features = rand([Query, network.Inputs], ScalarType.Float64);
        var scores = network.Forward(TorchOps.Instance, name => parameters[name], features);

        // The oracle has channels first: weights [window · channels, filters] → [filters, channels, 3, 3].
        var images = features.reshape(Query, channels, height, width);
        foreach (var block in (string[])["block1", "block2"])
        {
            var weight = parameters[$"{block}.weight"];
            var kernel = weight.reshape(3, 3, -1, weight.shape[1]).permute(3, 2, 0, 1).contiguous();
            images = nn.functional.conv2d(images, kernel, parameters[$"{block}.bias"].reshape(-1), [stride, stride], [1, 1]).relu();
            images = nn.functional.max_pool2d(images, pooling);
        }

        var expected = images.permute(0, 2, 3, 1).reshape(Query, -1).matmul(parameters["head.weight"]) + parameters["head.bias"];
        Assert.True(scores.allclose(expected, Float64, Float64));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Adaptation_InOnnxRuntime_EqualsTheFreePhase(
        string kind, ImageNormalization normalization, int channels, int stride, int pooling)
    {
        using var scope = NewDisposeScope();
        var learner = Create(kind, normalization, channels, stride, pooling);
        using var theta = SlowParameters.Draw(learner.Slow, new Random(1));
        var phase = new Phase(Optimizer.Sgd(0.05, 0.9, nesterov: true), 10);
        var (batch, support, labels, query) = Draw(learner.Network.Inputs);
        using var owned = batch;
        var problem = new InnerProblem(learner, theta.Values, batch);
        var expected = problem.Predict(Settle.Run(problem, problem.InitialFast(), 0, phase).Phi, batch.Query.Features).softmax(-1);

        var width = learner.Network.Inputs;
        var unscaled = new Standardization(new float[width], [.. Enumerable.Repeat(1f, width)]);
        using var file = Learner.Load(
            LearnerFileWriter.Write(learner, theta.ToVector(), new LearnerFileContents(phase, unscaled, null, null)));
        for (var task = 0; task < Tasks; task++)
        {
            using var adapted = file.Adapt(
                new SupportSet(Support, support[(task * Support * width)..((task + 1) * Support * width)], labels, null));
            using var scorer = new BatchScorer(file, adapted, Classes, Query);
            for (var row = 0; row < Query; row++)
            {
                query.AsSpan(((task * Query) + row) * width, width).CopyTo(scorer.Query(row));
            }

            scorer.Run(Query);
            for (var row = 0; row < Query; row++)
            {
                Assert.Equal(
                    expected[task][row].data<float>().ToArray().Select(s => (double)s),
                    scorer.Scores(row).ToArray().Select(s => (double)s), Close);
            }
        }

        static bool Close(double a, double b) => Math.Abs(a - b) <= Float32 * (1 + Math.Abs(a));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Predict_OfOneRow_IsThatOfItsBatch(string kind, ImageNormalization normalization, int channels, int stride, int pooling)
    {
        using var scope = NewDisposeScope();
        var learner = Create(kind, normalization, channels, stride, pooling);
        using var theta = SlowParameters.Draw(learner.Slow, new Random(1));
        using var batch = Draw(learner.Network.Inputs).Batch;
        var problem = new InnerProblem(learner, theta.Values, batch);
        var phi = Settle.Run(problem, problem.InitialFast(), 0, new Phase(Optimizer.Sgd(0.1), 5)).Phi;
        var all = problem.Predict(phi, batch.Query.Features);
        for (var row = 0; row < Query; row++)
        {
            var alone = problem.Predict(phi, batch.Query.Features.narrow(1, row, 1));
            Assert.NotEqual(learner.Network.IsTransductive, alone.allclose(all.narrow(1, row, 1), Float32, Float32));
        }
    }

    [Fact]
    public void Embed_Transductive_NormalisesAsTorchBatchNorm()
    {
        using var scope = NewDisposeScope();
        var network = ConvNet.WithReadout(
            new ConvolutionalNetwork(new ImageShape(2, 6, 5))
            {
                Filters = [4], Stride = 1, Normalization = ImageNormalization.Transductive,
            }, Classes);
        var random = new Random(1);
        var parameters = network.Trunk.ToDictionary(s => s.Name, s => tensor(s.Draw(random)).to(ScalarType.Float64).reshape([.. s.Shape]));
        var features = rand([Query, network.Inputs], ScalarType.Float64);

        var kernel = parameters["block1.weight"].reshape(3, 3, -1, 4).permute(3, 2, 0, 1).contiguous();
        var convolved = nn.functional.conv2d(features.reshape(Query, 2, 6, 5), kernel, null, [1, 1], [1, 1]);
        var expected = nn.functional.batch_norm(convolved, null, null, training: true).relu().permute(0, 2, 3, 1).reshape(Query, -1);

        var actual = network.Encode(TorchOps.Instance, name => parameters[name], network.Stages, features);
        Assert.True(actual.allclose(expected, Float64, Float64));
    }

    /// <summary>
    /// The body is fast, so its images are numbers in memory when the recorded steps begin; the readout is slow, so gradients that reach
    /// them are not.
    /// </summary>
    [Theory]
    [InlineData(ImageNormalization.Layer, 1)]
    [InlineData(ImageNormalization.Transductive, 2)]
    [InlineData(ImageNormalization.None, 2)]
    public void Unrolled_ThroughAFastBodyWithASlowReadout_EqualsFiniteDifferences(ImageNormalization normalization, int pooling)
    {
        using var scope = NewDisposeScope();
        var network = ConvNet.WithReadout(
            new ConvolutionalNetwork(new ImageShape(1, 6, 6))
            {
                Filters = [3], Stride = 1, Pooling = pooling, Normalization = normalization,
            },
            Classes);
        var learner = new ComplexSynapse(network, TaskLoss.CrossEntropy, 0, learnStrength: false, FastParameters.Body);
        using var theta = Zoo.Theta(learner);
        using var single = Draw(network.Inputs).Batch;
        using var batch = single.To(ScalarType.Float64);
        var free = new Phase(Optimizer.Sgd(0.05), 3);
        var before = new InnerProblem(learner, theta.Values, batch);
        foreach (var last in (int[])[1, 2])
        {
            var unrecorded = free with { Steps = free.Steps - last };
            var cut = Settle.Advance(before, PhaseState.Start(before.InitialFast(), free), 0, unrecorded).State;
            using var expected = Differences.Gradient(theta, t =>
            {
                using var inner = NewDisposeScope();
                var problem = new InnerProblem(learner, t.Values, batch);
                return problem.EvaluationLoss(Settle.Advance(problem, cut, 0, free with { Steps = last }).State.Phi);
            });
            using var truncated = new UnrolledRule(last, free).Estimate(learner, theta, batch);
            Differences.AssertClose(truncated.Gradient, expected, 1e-6);
        }
    }

    private static ILearner Create(string kind, ImageNormalization normalization, int channels, int stride, int pooling)
    {
        var network = ConvNet.WithReadout(
            new ConvolutionalNetwork(new ImageShape(channels, 9, 6))
            {
                Filters = [4, 5], Stride = stride, Pooling = pooling, Normalization = normalization,
            }, null);
        return kind switch
        {
            "ComplexSynapse" => new ComplexSynapse(network, TaskLoss.CrossEntropy, 0.1, learnStrength: true),
            "DualSystem, last block" => new DualSystem(network, TaskLoss.CrossEntropy, 0.1, learnStrength: true, modulatedLayers: 1),
            "DualSystem" => new DualSystem(network, TaskLoss.CrossEntropy, 0.1, learnStrength: true),
            _ => new ComplexSynapse(network, TaskLoss.CrossEntropy, 0.1, learnStrength: true, FastParameters.Head),
        };
    }

    private static (EpisodeBatch Batch, float[] Support, long[] Labels, float[] Query) Draw(int width)
    {
        var random = new Random(3);
        float[] Pixels(int rows) => [.. Enumerable.Range(0, Tasks * rows * width).Select(_ => random.NextSingle())];
        var (support, query) = (Pixels(Support), Pixels(Query));
        long[] labels = [.. Enumerable.Range(0, Support).Select(i => (long)i % Classes)];
        using var scope = NewDisposeScope();
        var batch = new EpisodeBatch(Rows(support, Support), Rows(query, Query));
        return (batch, support, labels, query);

        Rows<Tensor> Rows(float[] pixels, int rows)
        {
            var targets = new float[Tasks * rows * Classes];
            for (var i = 0; i < Tasks * rows; i++)
            {
                targets[(i * Classes) + (i % rows % Classes)] = 1;
            }

            return new Rows<Tensor>(
                tensor(pixels, [Tasks, rows, width]), tensor(targets, [Tasks, rows, Classes]),
                tensor(Enumerable.Repeat(1f / rows, Tasks * rows).ToArray(), [Tasks, rows, 1]));
        }
    }
}
