using MLNetMeta.Reproduce.Bandits;
using MLNetMeta.Trainers;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Tests.Bandits;

public sealed class BanditAgentTests
{
    internal static readonly WheelLearner Untrained = new(
        new ComplexSynapseTrainer.Options
        {
            Network = new MultilayerPerceptron { HiddenUnits = [16] }, ConsolidationStrength = 0, LearnConsolidation = false,
            Rule = MetaGradientRule.Unrolled(), Tasks = new TaskColumn("Task"), MissingTargets = true,
        },
        4,
        new OnlineTraining(new RmsPropRule(), 0.01, Updates: 30, Interval: 20, Rows: 32));

    [Fact]
    public void Play_OfTwoAgents_ShowsThemTheSameContextsAndNoise()
    {
        BanditRuns one = new(new Wheel(0.7), 3, 50, seed: 1), other = new(new Wheel(0.7), 3, 50, seed: 1),
        another = new(new Wheel(0.7), 3, 50, seed: 2);
        Assert.Equal(one.Contexts, other.Contexts);
        Assert.NotEqual(one.Contexts, another.Contexts);
        foreach (var runs in new[] { one, other })
        {
            using var agent = new UniformAgent(runs, seed: 3);
            runs.Play(agent);
        }

        Assert.Equal(one.Rewards, other.Rewards);
        Assert.NotEqual(one.Contexts[..100], one.Contexts[100..200]);
    }

    public static TheoryData<string> Agents => ["linear", "neural-linear", "greedy"];

    internal static IBanditAgent Create(string name, BanditRuns runs) => name switch
    {
        "linear" => new ThompsonAgent(runs, new ThompsonPrior(6, 6, 0.25), null, 1),
        "neural-linear" => new ThompsonAgent(runs, new ThompsonPrior(12, 30, 23), Untrained.UntrainedNetwork(runs, 1), 1),
        _ => new GreedyAgent(runs, Untrained.UntrainedNetwork(runs, 1)),
    };

    [Theory]
    [MemberData(nameof(Agents))]
    public void Play_OfALearningAgent_BeginsWithEachArmTwice(string name)
    {
        var runs = new BanditRuns(new Wheel(0.5), 2, 60, seed: 1);
        using var agent = Create(name, runs);
        runs.Play(agent);
        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], runs.Arms[..10]);
        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], runs.Arms[60..70]);
        Assert.All(runs.Arms, arm => Assert.InRange(arm, 0, 4));
        Assert.DoesNotContain(0f, runs.Rewards);
    }

    [Theory]
    [MemberData(nameof(Agents))]
    public void Play_OfALearningAgent_LosesLessThanTheUniformOne(string name)
    {
        var runs = new BanditRuns(new Wheel(0.3), 4, 300, seed: 1);
        using var agent = Create(name, runs);
        runs.Play(agent);
        var regret = Enumerable.Range(0, 4).Average(run => runs.NormalizedRegret(run, 300));
        Assert.True(regret < 0.8, $"{regret} of the uniform agent's regret");
    }

    [Theory]
    [MemberData(nameof(Agents))]
    public void Play_UnderASeed_IsTheSame(string name)
    {
        Assert.Equal(Arms(), Arms());

        long[] Arms()
        {
            var runs = new BanditRuns(new Wheel(0.5), 2, 60, seed: 1);
            using var agent = Create(name, runs);
            runs.Play(agent);
            return runs.Arms;
        }
    }

    [Fact]
    public void TrainWhenDue_OfManyRuns_TrainsEachOnItsOwnPulls()
    {
        // The second of three runs, beside others and alone: the same start, the same pulls, the same mini-batches.
        var together = Trained(3, 0);
        var alone = Trained(1, 1);
        Tolerance.AssertClose(alone, together[(together.Length / 3)..(2 * together.Length / 3)], 10 * Tolerance.Rounding32);

        static double[] Trained(int count, int first)
        {
            using var scope = NewDisposeScope();
            var source = new BanditRuns(new Wheel(0.5), 3, 60, seed: 1);
            using (var agent = new UniformAgent(source, 5))
            {
                source.Play(agent);
            }

            var runs = new BanditRuns(new Wheel(0.5), count, 60, seed: 1);
            source.Contexts.AsSpan(first * 120, count * 120).CopyTo(runs.Contexts);
            source.Arms.AsSpan(first * 60, count * 60).CopyTo(runs.Arms);
            source.Rewards.AsSpan(first * 60, count * 60).CopyTo(runs.Rewards);
            using var theta = SlowTheta();
            using var network = new ReplayNetwork(
                runs, Untrained.Create(), theta, null, Untrained.Online with { Rule = Optimizer.Sgd(0.1).Rule() }, 2);
            Assert.True(network.TrainWhenDue(40));
            return [.. network.Predict(0, 60).contiguous().data<float>().ToArray().Select(p => (double)p)];
        }
    }

    [Fact]
    public void TrainWhenDue_OfAPulledArm_LeavesTheReadoutOfTheOthers()
    {
        using var scope = NewDisposeScope();
        var runs = new BanditRuns(new Wheel(0.5), 1, 40, seed: 1);
        Array.Fill(runs.Arms, 2);
        Array.Fill(runs.Rewards, 50f);
        var learner = new ComplexSynapse(
            Mlp.WithReadout(2, [16], 5, Activation.Tanh), TaskLoss.ObservedSquaredError, 0, false, FastParameters.Head);
        using var theta = SlowParameters.Draw(learner.Slow, new Random(4));
        using var network = new ReplayNetwork(runs, learner, theta, null, Untrained.Online, 2);
        var before = network.Predict(0, 40).clone();
        Assert.True(network.TrainWhenDue(20));
        var moved = network.Predict(0, 40).Minus(before).abs().amax([0, 1]).data<float>().ToArray();
        Assert.True(moved[2] > 0.01, "The pulled arm's prediction has not moved.");
        Assert.Equal([0, 0, 0, 0], moved.Where((_, arm) => arm != 2));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(11, false)]
    [InlineData(20, true)]
    [InlineData(30, false)]
    [InlineData(40, true)]
    public void TrainWhenDue_OutsideTheSchedule_DoesNothing(int pulls, bool due)
    {
        var runs = new BanditRuns(new Wheel(0.5), 2, 60, seed: 1);
        using var network = Untrained.UntrainedNetwork(runs, 1);
        Assert.Equal(due, network.TrainWhenDue(pulls));
    }

    [Fact]
    public void MetaTrain_OfAFewSteps_GivesSlowParametersOfTheLearner()
    {
        var learner = Untrained with
        {
            Options = new DualSystemTrainer.Options
            {
                Network = new MultilayerPerceptron { HiddenUnits = [8] }, MissingTargets = true, Tasks = new TaskColumn("Task"),
                Adaptation = new() { Steps = 3 }, Rule = MetaGradientRule.Contrastive(0.3, nudgedSteps: 2),
                Training = new() { Steps = 3, TasksPerStep = 2, ValidationTasks = 2, ValidationInterval = 1, Seed = 1 },
                Compute = Compute.Torch(threads: 1),
            },
        };
        using var theta = learner.MetaTrain(1);
        Assert.Equal(learner.Create().Slow.Select(s => s.Name), theta.Names);
        Assert.True(theta.IsFinite());
    }

    [Fact]
    public void Step_OfRmsProp_FollowsItsFormula()
    {
        using var scope = NewDisposeScope();
        var rule = new RmsPropRule(0.9, 0);
        Tensor[] parameters = [tensor(new double[] { 1, 2 })];
        var state = rule.Initial(TorchOps.Instance, parameters);
        (parameters, state) = rule.Step(TorchOps.Instance, parameters, [tensor(new double[] { 2, -4 })], state, 0.1);
        // s = 0.1 g², so the first step is 0.1 / √0.1 against the sign of g.
        Tolerance.AssertClose(parameters[0].data<double>().ToArray(), [1 - Math.Sqrt(0.1), 2 + Math.Sqrt(0.1)], Tolerance.Rounding64);
        (parameters, _) = rule.Step(TorchOps.Instance, parameters, [tensor(new double[] { 1, 0 })], state, 0.1);
        Tolerance.AssertClose(
            parameters[0].data<double>().ToArray(), [1 - Math.Sqrt(0.1) - (0.1 / Math.Sqrt((0.9 * 0.4) + 0.1)), 2 + Math.Sqrt(0.1)],
            Tolerance.Rounding64);
    }

    private static Parameters SlowTheta() => SlowParameters.Draw(Untrained.Create().Slow, new Random(4));
}
