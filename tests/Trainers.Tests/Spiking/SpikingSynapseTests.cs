using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Spiking;

/// <summary>e-prop, its two forms, and backpropagation through time, against autograd and each other.</summary>
public sealed class SpikingSynapseTests
{
    private const int Tasks = 3;

    private const double RateStrength = 0.4;

    public static TheoryData<SpikingError, double> Objectives => new()
    {
        { SpikingError.EveryStep, 0 },
        { SpikingError.EveryStep, RateStrength },
        { SpikingError.TimeAverage, 0 },
        { SpikingError.TimeAverage, RateStrength },
    };

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Gradient_ByBackpropagationThroughTime_EqualsAutograd(SpikingError error, double rateStrength)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var (phi, rows) = (SpikingCase.Weights(net, Tasks), SpikingCase.Rows(Tasks, 4, 2));
        var objective = new SpikingObjective(net, error, rateStrength, 0.3);
        var actual = BackpropagationThroughTime.ByMatrices(
            TorchOps.Instance, objective, name => phi[name], SpikingCase.Encoded(net, rows), regularized: true);
        Assert.InRange(
            Tolerance.RelativeDistance(actual, Oracle(phi, rows, error, rateStrength, throughRecurrence: true)), 0,
            Tolerance.Rounding32Constants);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Gradient_ByEProp_IsAutogradThatIgnoresRecurrentPaths(SpikingError error, double rateStrength)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var (phi, rows) = (SpikingCase.Weights(net, Tasks), SpikingCase.Rows(Tasks, 4, 2));
        var actual = EProp(net, phi, rows, error, rateStrength);
        Assert.InRange(
            Tolerance.RelativeDistance(actual, Oracle(phi, rows, error, rateStrength, throughRecurrence: false)), 0,
            Tolerance.Rounding32Constants);

        // And that is another gradient than the whole one, for all but the readout's weights.
        var whole = Oracle(phi, rows, error, rateStrength, throughRecurrence: true);
        Assert.True(Tolerance.RelativeDistance([actual[0]], [whole[0]]) > 0.01);
        Assert.True(Tolerance.RelativeDistance([actual[1]], [whole[1]]) > 0.01);
        Assert.InRange(Tolerance.RelativeDistance([actual[2]], [whole[2]]), 0, Tolerance.Rounding32Constants);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Gradient_ByEPropWithoutRecurrentWeights_EqualsBackpropagationThroughTime(SpikingError error, double rateStrength)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var (phi, rows) = (SpikingCase.Weights(net, Tasks, recurrent: 0), SpikingCase.Rows(Tasks, 4, 2));
        var whole = Oracle(phi, rows, error, rateStrength, throughRecurrence: true);
        Assert.True(whole[1].abs().sum().ToNumber() > 0);
        Assert.InRange(Tolerance.RelativeDistance(EProp(net, phi, rows, error, rateStrength), whole), 0, Tolerance.Rounding32Constants);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Gradient_ByOnlineEProp_EqualsTheRearrangedOne(SpikingError error, double rateStrength)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var (phi, rows) = (SpikingCase.Weights(net, Tasks), SpikingCase.Rows(Tasks, 4, 2));
        var objective = new SpikingObjective(net, error, rateStrength, 0.3);
        var online = OnlineEligibilityPropagation.Gradient(
            TorchOps.Instance, objective, name => phi[name], SpikingCase.Encoded(net, rows), regularized: true);
        Assert.InRange(Tolerance.RelativeDistance(online, EProp(net, phi, rows, error, rateStrength)), 0, Tolerance.Rounding32Constants);
    }

    [Fact]
    public void Predict_OfRows_IsTheMeanReadout()
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var (phi, rows) = (SpikingCase.Weights(net, Tasks), SpikingCase.Rows(Tasks, 4, 2));
        var actual = net.Predict(TorchOps.Instance, name => phi[name], net.Encode(TorchOps.Instance, rows.Features));
        var oracle = new SpikingOracle(net.Dynamics, throughRecurrence: true);
        var expected = stack(
            from task in Enumerable.Range(0, Tasks)
            from row in Enumerable.Range(0, 4)
            select stack(
                oracle.Run(
                    rows.Features[task, row], phi[SpikingNet.InputWeight][task], phi[SpikingNet.RecurrentWeight][task],
                    phi[SpikingNet.ReadoutWeight][task]).Readouts).mean([0]))
            .reshape(Tasks, 4, 2);
        Assert.InRange(Tolerance.RelativeDistance([actual], [expected]), 0, Tolerance.Rounding32Constants);
    }

    [Fact]
    public void Simulate_OfRows_IsTheEquationsSpikeBySpike()
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net();
        var (phi, rows) = (SpikingCase.Weights(net, 1), SpikingCase.Rows(1, 4, 2));
        var spikes = net.Simulate(TorchOps.Instance, name => phi[name], net.Encode(TorchOps.Instance, rows.Features)).Spikes;
        var oracle = new SpikingOracle(net.Dynamics, throughRecurrence: true);
        for (var row = 0; row < 4; row++)
        {
            var expected = stack(
                oracle.Run(
                    rows.Features[0, row], phi[SpikingNet.InputWeight][0], phi[SpikingNet.RecurrentWeight][0],
                    phi[SpikingNet.ReadoutWeight][0]).Spikes);
            Assert.True(spikes[0, row].eq(expected).all().ToTruth());
        }

        // Neither silent nor always firing: else the other tests would say little.
        Assert.InRange(spikes.mean().ToNumber(), 0.1, 0.6);
    }

    [Theory]
    [InlineData(SpikingRule.EProp)]
    [InlineData(SpikingRule.OnlineEProp)]
    [InlineData(SpikingRule.BackpropagationThroughTime)]
    public void FastGradient_OfTheAugmentedLoss_AddsTheNudgeAndThePull(SpikingRule rule)
    {
        using var scope = NewDisposeScope();
        const double beta = 0.7;
        var net = SpikingCase.Net();
        var learner = SpikingCase.Learner(net, rule, SpikingError.EveryStep, RateStrength);
        using var theta = Zoo.Theta(learner);
        var (phi, support, query) = (
            SpikingCase.Weights(net, Tasks), SpikingCase.Rows(Tasks, 4, 2), SpikingCase.Rows(Tasks, 3, 2, seed: 8));
        var consolidated = learner.Consolidated(TorchOps.Instance, theta.Values);
        var actual = AugmentedLoss.FastGradient(
            TorchOps.Instance, learner, phi, consolidated, SpikingCase.Encoded(net, support), SpikingCase.Encoded(net, query), beta);

        var through = rule == SpikingRule.BackpropagationThroughTime;
        var learning = Oracle(phi, support, SpikingError.EveryStep, RateStrength, through);
        var evaluation = Oracle(phi, query, SpikingError.EveryStep, 0, through);
        var expected = phi.Names.Select((name, i) =>
            learning[i].Plus(evaluation[i], beta).Plus(phi[name].Minus(theta[$"omega.{name}"]), TorchOracle.FixedStrength));
        Assert.InRange(Tolerance.RelativeDistance(actual, expected), 0, Tolerance.Rounding32Constants);
    }

    [Fact]
    public void LearningLoss_WithStrongRateRegularization_BringsRatesToTheirTarget()
    {
        using var scope = NewDisposeScope();
        double Rate(double strength)
        {
            var net = SpikingCase.Net();
            var learner = new SpikingSynapse(
                new SpikingObjective(net, SpikingError.TimeAverage, strength, 0.05), SpikingRule.EProp, 0, learnStrength: false);
            var start = SpikingCase.Weights(net, Tasks);
            var (support, query) = (SpikingCase.Rows(Tasks, 6, 2), SpikingCase.Rows(Tasks, 3, 2));
            using var batch = new EpisodeBatch(support, query);
            using var theta = Zoo.Theta(learner);
            var end = Settle.Run(new InnerProblem(learner, theta.Values, batch), start, 0, new Phase(Optimizer.Adam(0.01), 150)).Phi;
            return net.Simulate(
                TorchOps.Instance, name => end[name], net.Encode(TorchOps.Instance, support.Features)).Spikes.mean().ToNumber();
        }

        var (free, regularized) = (Rate(0), Rate(100));
        Assert.True(free > 0.12, $"free rate {free}");
        Assert.InRange(regularized, 0.02, 0.08);
    }

    [Theory]
    [InlineData(SpikingRule.EProp)]
    [InlineData(SpikingRule.BackpropagationThroughTime)]
    public void Settle_OnASmallTask_LearnsIt(SpikingRule rule)
    {
        using var scope = NewDisposeScope();
        var net = SpikingCase.Net(outputs: 1);
        var learner = new SpikingSynapse(new SpikingObjective(net, SpikingError.TimeAverage, 0, 0.2), rule, 1e-3, learnStrength: false);
        using var theta = Zoo.Theta(learner);
        var rows = SpikingCase.Rows(Tasks, 6, 1);
        using var batch = new EpisodeBatch(rows, SpikingCase.Rows(Tasks, 6, 1));
        var problem = new InnerProblem(learner, theta.Values, batch);
        double Loss(NamedValues<Tensor> phi) => learner.EvaluationLoss(
            TorchOps.Instance, phi, learner.Consolidated(TorchOps.Instance, theta.Values), SpikingCase.Encoded(net, rows)).ToNumber();
        var start = SpikingCase.Weights(net, Tasks);
        var end = Settle.Run(problem, start, 0, new Phase(Optimizer.Adam(0.02), 200)).Phi;
        Assert.True(Loss(end) < 0.1 * Loss(start), $"{Loss(start)} before, {Loss(end)} after");
    }

    private static Tensor[] EProp(SpikingNet net, NamedValues<Tensor> phi, Rows<Tensor> rows, SpikingError error, double rateStrength) =>
        EligibilityPropagation.ByMatrices(
            TorchOps.Instance, new SpikingObjective(net, error, rateStrength, 0.3), name => phi[name], SpikingCase.Encoded(net, rows),
            regularized: true);

    private static Tensor[] Oracle(
        NamedValues<Tensor> phi, Rows<Tensor> rows, SpikingError error, double rateStrength, bool throughRecurrence)
    {
        var leaves = phi.Select(p => p.detach().clone().requires_grad_());
        var loss = new SpikingOracle(SpikingCase.Dynamics(), throughRecurrence).Loss(leaves, rows, error, rateStrength, 0.3);
        return [.. autograd.grad([loss], leaves.Values).Select(g => g.detach())];
    }
}
