using Microsoft.ML;
using MLNetMeta.Testing;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Spiking;

/// <summary>
/// Meta-gradients of a spiking network where they are known: where no potential is near the threshold, spikes stay as they are, and what is
/// left to learn is a ridge regression on them.
/// </summary>
public sealed class SpikingRulesTests
{
    private static readonly Phase _settled = new(Optimizer.Sgd(0.01, 0.8), 150);

    /// <summary>β: L_out is some hundred times as curved as the pull, and the bias goes with the square of β times that.</summary>
    private const double Strength = 1e-5;

    /// <summary>Bias of the symmetric stencil, what is left of the way to the equilibrium, rounding of central differences.</summary>
    private const double Contrast = 1e-5;

    /// <summary>A threshold so low that no potential is near it, where the pseudo-derivative is not zero.</summary>
    private static SpikingSynapse Frozen(SpikingRule rule, SpikingError error) => new(
        new SpikingObjective(
            new SpikingNet(
                new SpikeEncoder(SpikingCase.Steps * SpikingCase.Inputs, SpikingCase.Steps, null, 0),
                SpikingCase.Dynamics() with { Threshold = 1e-12 }, SpikingCase.Units, 1),
            error, 0, 0.2),
        rule, TorchOracle.FixedStrength, learnStrength: false);

    public static TheoryData<SpikingRule, SpikingError> Cases => new()
    {
        { SpikingRule.EProp, SpikingError.EveryStep },
        { SpikingRule.EProp, SpikingError.TimeAverage },
        { SpikingRule.BackpropagationThroughTime, SpikingError.EveryStep },
        { SpikingRule.BackpropagationThroughTime, SpikingError.TimeAverage },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Estimate_WithFrozenSpikes_AgreesBetweenContrastiveUnrolledAndFiniteDifferences(SpikingRule rule, SpikingError error)
    {
        var learner = Frozen(rule, error);
        using var theta = Zoo.Theta(learner);
        using var batch = Batch();
        using var contrastive = new ContrastiveRule(Stencil.Symmetric, Strength, _settled, _settled).Estimate(learner, theta, batch);
        using var unrolled = new UnrolledRule(null, _settled).Estimate(learner, theta, batch);
        const string readout = $"omega.{SpikingNet.ReadoutWeight}";
        Assert.InRange(Tolerance.RelativeDistance([contrastive.Gradient[readout]], [unrolled.Gradient[readout]]), 0, Contrast);

        // Along one random direction of the readout's weights; those of the others would change spikes.
        var random = new Random(2);
        using var scope = NewDisposeScope();
        using var direction = new Parameters(theta.Values.With(theta.Names.Zip(theta.Values.Values, (name, v) =>
            name == readout ? NormalTensors.Draw(random, v.shape) : zeros_like(v)).ToArray()));
        var expected = Differences.Along(theta, direction, t => Differences.AdaptedLoss(learner, t, batch, _settled));
        Assert.Equal(expected, unrolled.Gradient.Dot(direction), Contrast * Math.Abs(expected));
    }

    [Theory]
    [InlineData(SpikingRule.EProp)]
    [InlineData(SpikingRule.BackpropagationThroughTime)]
    public void Estimate_UnrolledThroughLearningSpikes_ReachesEveryWeight(SpikingRule rule)
    {
        var learner = SpikingCase.Learner(SpikingCase.Net(outputs: 1), rule, SpikingError.TimeAverage);
        using var theta = Zoo.Theta(learner);
        using var batch = Batch();
        foreach (var last in (int?[])[null, 2])
        {
            using var estimate = new UnrolledRule(last, new Phase(Optimizer.Adam(0.01), 5)).Estimate(learner, theta, batch);
            Assert.True(estimate.Gradient.IsFinite());
            // Truncated, θ acts on the last steps through the pull alone.
            Assert.All(estimate.Gradient.Values.Values, g => Assert.True(g.abs().sum().ToNumber() > 0));
        }
    }

    [Fact]
    public void Fit_OfSinusoids_LearnsToLearnThemByEProp()
    {
        var ml = new MLContext(1);
        var options = ((SpikingNetworkTrainer.Options)TinyTraining.OfRegression("SpikingNetwork")) with
        {
            Tasks = TinyTraining.Tasks with { SupportRows = 10, QueryRows = 10 },
            Network = new SpikingNetwork(),
            Standardize = false,
            Adaptation = new() { Optimizer = Optimizer.Adam(1e-3), Steps = 60 },
            Rule = MetaGradientRule.Contrastive(3, nudgedSteps: 10, nudgedOptimizer: Optimizer.Adam(3e-3)),
            Training = new()
            {
                Optimizer = Optimizer.Adam(3e-3, epsilon: 1e-8), Steps = 8, TasksPerStep = 10, ValidationInterval = 4,
                ValidationTasks = 20, Seed = 1,
            },
            Compute = Compute.Torch(threads: 1, tasksPerShard: 10),
        };
        var tasks = ManyTasks.View(ml, Rows(200, 1));
        using var trained = TinyTraining.Trainer(ml, MLNetMeta.Transforms.MetaTask.Regression, options).Fit(tasks);
        using var scratch = TinyTraining.Trainer(
            ml, MLNetMeta.Transforms.MetaTask.Regression,
            options.WithTraining(t => t with { Steps = 1, Optimizer = Optimizer.Sgd(1e-12), AveragingDecay = 0 })).Fit(tasks);

        var unseen = ManyTasks.View(ml, Rows(60, 77));
        var evaluation = new FewShotEvaluationOptions { Tasks = options.Tasks, NumberOfEpisodes = 40 };
        var adapted = Error(trained.Learner, evaluation);
        var (before, unlearned) = (Error(trained.Learner, evaluation with { AdaptationSteps = 0 }), Error(scratch.Learner, evaluation));
        Assert.True(adapted < 0.8 * before, $"{adapted} after, {before} before adaptation");
        Assert.True(adapted < 0.8 * unlearned, $"{adapted} meta-trained, {unlearned} not");

        // Without the feature that says nothing: ten rows are easily told apart by it, and no start of
        // the weights keeps a task from learning them by it.
        static ManyTasks.Row[] Rows(int tasks, int seed)
        {
            var rows = ManyTasks.Sinusoids(tasks, 25, seed);
            Array.ForEach(rows, r => r.Features = [r.Features[0]]);
            return rows;
        }

        double Error(MLNetMeta.Transforms.Learner learner, FewShotEvaluationOptions how) =>
            ml.MetaLearning().Regression.Evaluate(learner, unseen, how).Mean;
    }

    private static EpisodeBatch Batch()
    {
        using var scope = NewDisposeScope();
        return new EpisodeBatch(SpikingCase.Rows(2, 5, 1), SpikingCase.Rows(2, 4, 1, seed: 9));
    }
}

/// <summary>No tensor of a spiking network outlives what it was made for.</summary>
[Collection(TensorCounting.Name)]
public sealed class SpikingTensorsTests
{
    [Theory]
    [InlineData(SpikingRule.EProp)]
    [InlineData(SpikingRule.OnlineEProp)]
    [InlineData(SpikingRule.BackpropagationThroughTime)]
    public void Estimate_OfEveryRule_LeavesOnlyItsAnswer(SpikingRule spikingRule)
    {
        var learner = SpikingCase.Learner(SpikingCase.Net(outputs: 1), spikingRule, SpikingError.EveryStep);
        using var theta = Zoo.Theta(learner);
        using var scope = NewDisposeScope();
        using var batch = new EpisodeBatch(SpikingCase.Rows(2, 5, 1), SpikingCase.Rows(2, 4, 1, seed: 9));
        var phase = new Phase(Optimizer.Adam(0.01), 3);
        IMetaGradientRule[] rules =
        [
            new ContrastiveRule(Stencil.Forward, 3, phase, phase), new UnrolledRule(null, phase), new UnrolledRule(1, phase),
            new FirstOrderRule(phase),
        ];
        foreach (var rule in rules)
        {
            rule.Estimate(learner, theta, batch).Dispose();
            MetaGradient? estimate = null;
            Assert.Equal(theta.Values.Count, TensorCounting.LeftBehindBy(() => estimate = rule.Estimate(learner, theta, batch)));
            estimate!.Dispose();
        }
    }
}
