using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Export;

/// <summary>The contrastive rule as an ONNX graph gives what it gives in torch.</summary>
public sealed class OnnxEngineTests
{
    // Single precision; a difference of phases is divided by β.
    private const double Strength = 0.3, Agreement = 1e-5 / Strength;

    // Adam makes steps of the rounding of gradients that are nearly zero, and processors round differently.
    private const double AgreementOfAdam = 1e-2;

    private const int Tasks = 5;

    public static TheoryData<string, string, NudgingStencil, string> Table
    {
        get
        {
            var data = new TheoryData<string, string, NudgingStencil, string>();
            foreach (
                var (learner, loss) in Zoo.LearnersAndLosses.Where(
                    pair => !pair.Learner.Contains("piking", StringComparison.Ordinal)))
            {
                // All classes start from one readout: a gradient is rounding there, of
                // which Adam makes whole steps, others on each backend.
                foreach (var optimizer in Zoo.Optimizers.Keys.Where(
                    o => Zoo.Losses[loss].Outputs is not null || !o.StartsWith("Adam", StringComparison.Ordinal)))
                {
                    data.Add(learner, loss, NudgingStencil.Symmetric, optimizer);
                }

                data.Add(learner, loss, NudgingStencil.Forward, "SGD");
                data.Add(learner, loss, NudgingStencil.SecondOrder, "SGD");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void Contribute_OfAnyRow_IsThatOfTorch(string learnerName, string loss, NudgingStencil stencil, string optimizer)
    {
        var learner = Zoo.Create(learnerName, loss);
        using var theta64 = Zoo.Theta(learner);
        var theta = theta64.ToVector();
        using var batch = Zoo.Tasks(loss, Tasks);
        var free = new Phase(Zoo.Optimizers[optimizer], 6);
        var rule = new ContrastiveSettings(Strength, stencil, 4, NudgedOptimizer: null);
        using var single = batch.To(ScalarType.Float32);
        using var torchEngine = new TorchEngine(learner, rule.Create(free), free, new FixedEpisodes(single));
        using var engine = new OnnxEngine(learner, rule, free, new HostEpisodes(batch), ExecutionProvider.Cpu);

        AssertSame(torchEngine, engine, theta, optimizer.StartsWith("Adam", StringComparison.Ordinal) ? AgreementOfAdam : Agreement);
    }

    [Theory]
    [InlineData(FastParameters.All)]
    [InlineData(FastParameters.Head)]
    public void Contribute_OfAConvolutionalNetwork_IsThatOfTorch(FastParameters fast)
    {
        var image = new ImageShape(2, 5, 4);
        var network = new ConvolutionalNetwork(image)
        {
            Filters = [3, 4], Stride = 1, Pooling = 2, Normalization = ImageNormalization.Layer,
        };
        var learner = new ComplexSynapse(network.WithReadout(40, "Features", null), TaskLoss.CrossEntropy, 0.5, learnStrength: true, fast);
        using var scope = NewDisposeScope();
        var random = new Random(5);
        Rows<Tensor> Rows(int rows) => new(
            NormalTensors.Draw(random, Tasks, rows, 40), eye(3).repeat(Tasks, rows / 3, 1), full([Tasks, rows, 1], 1.0 / rows));
        using var batch = new EpisodeBatch(Rows(3), Rows(6));
        var free = new Phase(Optimizer.Sgd(0.05), 4);
        var rule = new ContrastiveSettings(Strength, NudgingStencil.Symmetric, 3, NudgedOptimizer: null);
        using var single = batch.To(ScalarType.Float32);
        using var torchEngine = new TorchEngine(learner, rule.Create(free), free, new FixedEpisodes(single));
        using var engine = new OnnxEngine(learner, rule, free, new HostEpisodes(batch), ExecutionProvider.Cpu);

        AssertSame(torchEngine, engine, ParameterSpec.Draw(learner.Slow, new Random(2)), Agreement);
    }

    [Fact]
    public void Contribute_OnAnyNumberOfThreads_IsTheSameToTheBit()
    {
        var learner = Zoo.Create("DualSystem, learned λ", Loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Loss, tasks: 7);
        var rule = new ContrastiveSettings(Strength, NudgingStencil.Symmetric, 4, NudgedOptimizer: null);
        Contribution Of(int threads)
        {
            var engine = new OnnxEngine(learner, rule, new Phase(Optimizer.Sgd(0.05), 5), new HostEpisodes(batch), ExecutionProvider.Cpu);
            using var sharded = new ShardedContributor(engine, tasksPerShard: 2, threads);
            return sharded.Contribute(theta.ToVector(), TaskRange.Training(0, 7));
        }

        var one = Of(1);
        foreach (var threads in (int[])[2, 3, 16])
        {
            var many = Of(threads);
            Assert.Equal(one.Gradient, many.Gradient);
            Assert.Equal(
                (one.EvaluationLoss, one.FreeResidual, one.NudgedResidual), (many.EvaluationLoss, many.FreeResidual, many.NudgedResidual));
        }
    }

    [Fact]
    public void Contribute_OfADivergingTask_NamesItAndTheRemedy()
    {
        var learner = Zoo.Create("ComplexSynapse, fixed λ", Loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Loss, tasks: 4);
        batch.Support.Targets[2].fill_(double.NaN);
        var rule = new ContrastiveSettings(Strength, NudgingStencil.Symmetric, 4, NudgedOptimizer: null);
        using var engine = new OnnxEngine(learner, rule, new Phase(Optimizer.Sgd(0.05), 5), new HostEpisodes(batch), ExecutionProvider.Cpu);
        foreach (var diverging in (Action[])[
            () => engine.Contribute(theta.ToVector(), TaskRange.Training(0, 4)),
            () => engine.Validate(theta.ToVector(), TaskRange.Validation(4))])
        {
            var failure = Assert.Throws<DivergenceException>(diverging);
            Assert.Contains("The free phase diverged within 5 steps (task 2 of the meta-batch", failure.Message, StringComparison.Ordinal);
            Assert.Contains("Lower the inner learning rate (it is 0.05)", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(TinyTraining.Learners), MemberType = typeof(TinyTraining))]
    public void Fit_InOnnxRuntime_FollowsTorch(string learnerName)
    {
        var (torch, onnx) = (new MetaTrainingHistory(), new MetaTrainingHistory());
        var options = TinyTraining.OfRegression(learnerName).WithRule(MetaGradientRule.Contrastive(Strength, nudgedSteps: 3));
        TinyTraining.Regression(options.WithTraining(t => t with { Progress = torch })).Dispose();
        using var learner = TinyTraining.Regression(
            options.WithTraining(t => t with { Progress = onnx }) with { Compute = Compute.OnnxRuntime(threads: 2, tasksPerShard: 2) });

        Assert.Equal(torch.Reports.Select(r => r.Step), onnx.Reports.Select(r => r.Step));
        Assert.All(torch.Reports.Zip(onnx.Reports), pair =>
        {
            Assert.Equal(pair.First.ValidationLoss, pair.Second.ValidationLoss, 1e-4);
            Assert.Equal(pair.First.Gain!.Value, pair.Second.Gain!.Value, 1e-4);
            Assert.Equal(pair.First.Step == 0, pair.Second.GradientNorm is null);
            Assert.InRange(pair.Second.GradientNorm / pair.First.GradientNorm ?? 1, 0.999, 1.001);
        });
    }

    [Theory]
    [MemberData(nameof(TinyTraining.Learners), MemberType = typeof(TinyTraining))]
    public void Fit_Of200MetaSteps_EndsWithTheValidationLossOfTorch(string learnerName)
    {
        var options = TinyTraining.OfRegression(learnerName)
            .WithRule(MetaGradientRule.Contrastive(Strength, nudgedSteps: 3))
            .WithTraining(t => t with { Steps = 200, ValidationInterval = 100, ValidationTasks = 4 });
        double[] Losses(Compute compute)
        {
            var history = new MetaTrainingHistory();
            TinyTraining.Regression(options.WithTraining(t => t with { Progress = history }) with { Compute = compute }).Dispose();
            return [.. history.Reports.Select(r => r.ValidationLoss)];
        }

        var (torch, onnx) = (Losses(Compute.Torch(threads: 1)), Losses(Compute.OnnxRuntime(threads: 1)));

        Assert.Equal(3, torch.Length);
        Assert.True(torch[2] < torch[0], $"Meta-training did not help: {string.Join(", ", torch)}.");

        // Rounding is all that differs, and 200 steps of the meta-optimizer carry it on.
        Assert.Equal(torch[0], onnx[0], 1e-4 * torch[0]);
        Assert.Equal(torch[2], onnx[2], 0.02 * torch[2]);
    }

    [Fact]
    public void Fit_CutOffInTorch_GoesOnInOnnxRuntime()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        var options = TinyTraining.OfRegression().WithRule(MetaGradientRule.Contrastive(Strength, nudgedSteps: 3)) with
        {
            Checkpoint = new(folder.File("run.checkpoint")),
        };
        var halfway = new AtStep(4, stop.Cancel);
        Assert.Throws<OperationCanceledException>(
            () =>
                TinyTraining.Regression(options.WithTraining(t => t with { Progress = halfway }) with { CancellationToken = stop.Token }));
        var history = new MetaTrainingHistory();
        using var resumed = TinyTraining.Regression(
            options.WithTraining(t => t with { Progress = history }) with { Compute = Compute.OnnxRuntime(threads: 1, tasksPerShard: 2) });

        Assert.Equal([0, 2, 4, 6], history.Reports.Select(r => r.Step));
    }

    [Fact]
    public void Create_WithWhatTheGraphCannotExpress_NamesTheAlternative()
    {
        var ml = new MLContext(1);
        var given = MetaGradientRule.Contrastive(0.1);
        Refused("rule 'unrolled'", "use Contrastive, or Compute.Torch()", () => ml.MetaLearning().Regression.ComplexSynapse(
            new ComplexSynapseTrainer.Options
            {
                Tasks = TinyTraining.Tasks, Rule = MetaGradientRule.Unrolled(), Compute = Compute.OnnxRuntime(),
            }));
        Refused("a strength to be advised", "Contrastive(strength: 0.1)", () => ml.MetaLearning().Regression.ComplexSynapse(
            new ComplexSynapseTrainer.Options
            {
                Tasks = TinyTraining.Tasks, Rule = MetaGradientRule.Contrastive(), Compute = Compute.OnnxRuntime(),
            }));
        Refused("SpikingNetwork", "use Compute.Torch()", () => ml.MetaLearning().Regression.SpikingNetwork(
            new SpikingNetworkTrainer.Options { Tasks = TinyTraining.Tasks, Compute = Compute.OnnxRuntime() }));
        Refused("PrototypicalNetwork", "use Compute.Torch()", () => ml.MetaLearning().Classification.PrototypicalNetwork(
            new PrototypicalNetworkTrainer.Options { Compute = Compute.OnnxRuntime() }));
        _ = ml.MetaLearning().Regression.DualSystem(
            new DualSystemTrainer.Options { Tasks = TinyTraining.Tasks, Rule = given, Compute = Compute.OnnxRuntime() });
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute.OnnxRuntime(threads: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compute.OnnxRuntime(tasksPerShard: 0));

        static void Refused(string what, string advice, Action create)
        {
            var refusal = Assert.Throws<ArgumentException>(create);
            Assert.Contains(what, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(advice, refusal.Message, StringComparison.Ordinal);
        }
    }

    private const string Loss = "squared error of one output";

    private static void AssertSame(TorchEngine torchEngine, OnnxEngine engine, float[] theta, double agreement)
    {
        var expected = torchEngine.Contribute(theta, TaskRange.Training(0, Tasks));
        var actual = engine.Contribute(theta, TaskRange.Training(0, Tasks));

        Assert.Equal(Tasks, actual.Tasks);
        AssertClose(expected.EvaluationLoss, actual.EvaluationLoss);
        AssertClose(expected.FreeResidual, actual.FreeResidual);
        AssertClose(expected.NudgedResidual, actual.NudgedResidual);
        var difference = Math.Sqrt(expected.Gradient.Zip(actual.Gradient, (a, b) => ((double)a - b) * (a - b)).Sum());
        Assert.InRange(difference / MetaOptimizer.Norm(expected.Gradient), 0, agreement);
        var (one, other) = (torchEngine.Validate(theta, TaskRange.Validation(Tasks)), engine.Validate(theta, TaskRange.Validation(Tasks)));
        AssertClose(one.Loss, other.Loss);
        Assert.Equal(Tasks, other.Errors.Length);
        Assert.All(one.Errors.Zip(other.Errors), pair => AssertClose(pair.First, pair.Second));

        void AssertClose(double one, double other) => Assert.Equal(one, other, agreement * (1 + Math.Abs(one)));
    }

    private sealed class AtStep(int step, Action act) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value)
        {
            if (value.Step == step)
            {
                act();
            }
        }
    }
}
