using MLNetMeta.Trainers.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Tests;

public sealed class RidgeReadoutTests
{
    private const int Inputs = 3, Units = 6, Classes = 4;

    public RidgeReadoutTests() => TorchRuntime.EnsureLoaded();

    [Theory]
    [InlineData(5, 0.0)]
    [InlineData(25, -3.0)]
    [InlineData(25, 4.0)]
    public void InitialFast_OfSupportRows_IsTheRidgeRegressionInClosedForm(int rows, double logPenalty)
    {
        using var scope = NewDisposeScope();
        var learner = new RidgeReadout(Mlp.WithReadout(Inputs, [Units], null, Activation.Tanh));
        var random = new Random(1);
        var theta = learner.Slow.ToDictionary(s => s.Name, s => tensor(s.Draw(random)).to(ScalarType.Float64).reshape([.. s.Shape]));
        theta["ridge.log_penalty"] = full([1, 1], logPenalty, ScalarType.Float64);
        theta["ridge.log_scale"] = full([1, 1], 0.7, ScalarType.Float64);
        var x = tensor(Enumerable.Range(0, 2 * rows * Units).Select(_ => random.NextDouble() - 0.3).ToArray()).reshape(2, rows, Units);
        var labels = nn.functional.one_hot(arange(rows).remainder(Classes), Classes).to(ScalarType.Float64).unsqueeze(0).repeat(2, 1, 1);
        // The last row only fills the task up.
        var weights = full([2, rows, 1], 1.0 / (rows - 1), ScalarType.Float64);
        weights[.., rows - 1] = 0;
        var phi = learner.InitialFast(
            TorchOps.Instance, NamedValues.Of<Tensor>([.. theta.Select(t => (t.Key, t.Value))]), new Rows<Tensor>(x, labels, weights));

        var (real, targets) = (x[.., ..(rows - 1)], labels[.., ..(rows - 1)]);
        var covariance = real.transpose(-1, -2).matmul(real) / Units;
        var primal = linalg.inv(covariance + (eye(Units, dtype: ScalarType.Float64) * Math.Exp(logPenalty)));
        var expected = primal.matmul(real.transpose(-1, -2)).matmul(targets) * (Math.Exp(0.7) / Units);
        Assert.True(phi["head.weight"].allclose(expected, 1e-8, 1e-8));
        Assert.Equal([2, 1, Classes], phi["head.bias"].shape);
        Assert.Equal(0, phi["head.bias"].abs().max().ToDouble());
    }

    [Fact]
    public void Contract_OfALearner_Holds() =>
        LearnerContract.Verify(new RidgeReadout(Mlp.WithReadout(Inputs, [Units], null, Activation.Tanh)));
}
