using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Learners;

public sealed class DualSystemTests
{
    [Fact]
    public void Parameters_OfOneHiddenLayer_AreTrunkSlowAndModulationFast()
    {
        var learner = new DualSystem(Mlp.WithReadout(3, [4], 2, Activation.Tanh), TaskLoss.SquaredError, 0.5, learnStrength: true);
        Assert.Equal(["layer1.gain", "layer1.shift", "head.weight", "head.bias"], learner.Fast.Select(f => f.Name));
        Assert.Equal(
            ["layer1.weight", "layer1.bias", "omega.layer1.gain", "omega.layer1.shift", "omega.head.weight", "omega.head.bias",
                "log_lambda.layer1.gain", "log_lambda.layer1.shift", "log_lambda.head.weight", "log_lambda.head.bias"],
            learner.Slow.Select(s => s.Name));
    }

    [Theory]
    [InlineData(0, "head.weight head.bias")]
    [InlineData(1, "layer2.gain layer2.shift head.weight head.bias")]
    [InlineData(9, "layer1.gain layer1.shift layer2.gain layer2.shift head.weight head.bias")]
    public void Fast_OfSomeModulatedLayers_HoldsTheLast(int layers, string fast)
    {
        var learner = new DualSystem(
            Mlp.WithReadout(3, [5, 4], 2, Activation.Tanh), TaskLoss.SquaredError, 0.5, learnStrength: true, modulatedLayers: layers);
        Assert.Equal(fast.Split(' '), learner.Fast.Select(f => f.Name));
    }

    [Fact]
    public void InitialFast_OfAFreshLearner_ModulatesNothing()
    {
        using var scope = NewDisposeScope();
        const string loss = "squared error of two outputs";
        var network = Mlp.WithReadout(Zoo.Features, [5, 4], 2, Activation.Tanh);
        var learner = new DualSystem(network, TaskLoss.SquaredError, 0.5, learnStrength: false);
        using var theta = SlowParameters.Draw(learner.Slow, new Random(1));
        using var batch64 = Zoo.Tasks(loss);
        using var batch = batch64.To(ScalarType.Float32);
        var problem = new InnerProblem(learner, theta.Values, batch);

        var modulated = problem.Predict(problem.InitialFast(), batch.Support.Features);
        var plain = network.Forward(
            TorchOps.Instance, name => theta[theta.Values.Contains(name) ? name : $"omega.{name}"], batch.Support.Features);

        Assert.InRange(Tolerance.RelativeDistance([modulated], [plain]), 0, Tolerance.Rounding32);
    }

    [Fact]
    public void SlowGradient_OfTheTrunk_HoldsBothLossesOfTheNudgedPhase()
    {
        // Unlike the complex synapse, ∂θ L_out is not zero: the gradient is affine in β.
        using var scope = NewDisposeScope();
        const string loss = "cross-entropy of shared labels";
        var learner = Zoo.Create("DualSystem, fixed λ", loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        var problem = new InnerProblem(learner, theta.Values, batch);
        var phi = problem.InitialFast();
        var (zero, one, two) = (At(0), At(1), At(2));
        Assert.InRange(Tolerance.RelativeDistance([two.Minus(one)], [one.Minus(zero)]), 0, Tolerance.Rounding64);

        Tensor At(double beta) => problem.SlowGradient(new PhaseEnd<Tensor>(phi, beta, 1))[0];
    }
}
