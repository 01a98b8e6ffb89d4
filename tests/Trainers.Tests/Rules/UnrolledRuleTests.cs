using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Rules;

public sealed class UnrolledRuleTests
{
    /// <summary>Central differences of float64 losses are good to about 1e-9; Adam's quotients cost two digits.</summary>
    private const double FiniteDifference = 1e-6;

    private const int Steps = 6;

    public static IEnumerable<object[]> LearnersAndOptimizers =>
        from learner in Zoo.Smooth
        from optimizer in Zoo.Optimizers.Keys
        select new object[] { learner, optimizer };

    public static TheoryData<string> Learners => new(Zoo.Smooth);

    public static TheoryData<string> Optimizers => new(Zoo.Optimizers.Keys);

    [Theory]
    [MemberData(nameof(LearnersAndOptimizers))]
    public void Estimate_EveryLearnerAndOptimizer_EqualsFiniteDifferences(string name, string optimizer)
    {
        var learner = Zoo.Small(name, Zoo.OneOutput);
        AssertEqualsDifferences(learner, Zoo.OneOutput, new Phase(Zoo.Optimizers[optimizer], Steps));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Estimate_SharedClasses_EqualsFiniteDifferences(string name) =>
        AssertEqualsDifferences(
            Zoo.Small(name, Zoo.SharedClasses), Zoo.SharedClasses, new Phase(Optimizer.Sgd(0.1), Steps));

    [Theory]
    [InlineData(Zoo.MetaSgd)]
    [InlineData(Zoo.DualRates)]
    [InlineData(Zoo.Anil)]
    public void Estimate_EpisodesOfClasses_EqualsFiniteDifferences(string name) =>
        AssertEqualsDifferences(
            Zoo.Small(name, Zoo.Episodes), Zoo.Episodes, new Phase(Optimizer.Sgd(0.1), Steps));

    [Fact]
    public void Estimate_PrototypicalNetwork_EqualsFiniteDifferences() => AssertEqualsDifferences(
        new PrototypicalNetwork(Mlp.WithReadout(Zoo.Features, [3], 4, Activation.Tanh), 4), Zoo.SharedClasses,
        new Phase(Optimizer.Sgd(0.1), 0));

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Estimate_TruncatedToAllSteps_EqualsUnrolled(string optimizer)
    {
        var learner = Zoo.Small(Zoo.MetaSgd, Zoo.OneOutput);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        var free = new Phase(Zoo.Optimizers[optimizer], Steps);
        using var all = new UnrolledRule(null, free).Estimate(learner, theta, batch);
        using var truncated = new UnrolledRule(Steps, free).Estimate(learner, theta, batch);
        using var longer = new UnrolledRule(Steps + 3, free).Estimate(learner, theta, batch);
        Differences.AssertClose(truncated.Gradient, all.Gradient, 1e-14);
        Differences.AssertClose(longer.Gradient, all.Gradient, 1e-14);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Estimate_Truncated_DifferentiatesTheLastStepsOfTheSameRun(string optimizer)
    {
        const int last = 2;
        var learner = Zoo.Small(Zoo.DualRates, Zoo.OneOutput);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        var free = new Phase(Zoo.Optimizers[optimizer], Steps);
        using var scope = torch.NewDisposeScope();
        var before = new InnerProblem(learner, theta.Values, batch);
        var cut = Settle.Advance(before, PhaseState.Start(before.InitialFast(), free), 0, free with { Steps = Steps - last }).State;

        // θ acts from the cut on; φ and the optimiser's state at the cut are those of the one run.
        using var expected = Differences.Gradient(theta, t =>
        {
            using var inner = torch.NewDisposeScope();
            var problem = new InnerProblem(learner, t.Values, batch);
            return problem.EvaluationLoss(Settle.Advance(problem, cut, 0, free with { Steps = last }).State.Phi);
        });
        using var truncated = new UnrolledRule(last, free).Estimate(learner, theta, batch);
        Differences.AssertClose(truncated.Gradient, expected, FiniteDifference);
        Assert.Equal(Differences.AdaptedLoss(learner, theta, batch, free), truncated.EvaluationLoss, 12);
    }

    [Fact]
    public void Estimate_AdamAndAnUnusedFeature_IsFinite()
    {
        // A feature that is always 0 (one-hot columns often are) has a gradient of exactly 0, where √v has no derivative.
        var learner = Zoo.Create(Zoo.Maml, Zoo.OneOutput, Activation.Relu, 3);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        batch.Support.Features.narrow(2, 0, 1).zero_();
        batch.Query.Features.narrow(2, 0, 1).zero_();
        using var estimate = new UnrolledRule(null, new Phase(Zoo.Optimizers["Adam"], Steps)).Estimate(learner, theta, batch);
        Assert.True(estimate.Gradient.IsFinite());
        using var expected = Differences.Gradient(
            theta, t => Differences.AdaptedLoss(learner, t, batch, new Phase(Zoo.Optimizers["Adam"], Steps)));
        Differences.AssertClose(estimate.Gradient, expected, FiniteDifference);
    }

    private static void AssertEqualsDifferences(ILearner learner, string loss, Phase free)
    {
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss, everyClass: true);
        using var expected = Differences.Gradient(theta, t => Differences.AdaptedLoss(learner, t, batch, free));
        using var estimate = new UnrolledRule(null, free).Estimate(learner, theta, batch);
        Differences.AssertClose(estimate.Gradient, expected, FiniteDifference);
        Assert.Equal(Differences.AdaptedLoss(learner, theta, batch, free), estimate.EvaluationLoss, 12);
    }
}
