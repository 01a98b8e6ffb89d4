using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Learners;

public sealed class ComplexSynapseTests
{
    public static TheoryData<string, bool, double> Cases
    {
        get
        {
            var data = new TheoryData<string, bool, double>();
            foreach (var loss in Zoo.Losses.Keys)
            {
                foreach (var beta in (double[])[0, 0.3, -0.3])
                {
                    data.Add(loss, false, beta);
                    data.Add(loss, true, beta);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void LocalSlowGradient_AtAnyNudging_EqualsTheGenericRule(string loss, bool learnStrength, double beta)
    {
        using var scope = NewDisposeScope();
        var learner = Zoo.Create(learnStrength ? "ComplexSynapse, learned λ" : "ComplexSynapse, fixed λ", loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss);
        var phi = Anywhere(learner, theta, batch);
        var ops = TorchOps.Instance;

        var local = ((ISynapticLearner)learner).LocalSlowGradient(ops, phi, learner.Consolidated(ops, theta.Values));
        var pass = new SlowPass<Tensor>(ops, learner, theta.Values, batch.Support, batch.Query);
        var generic = pass.Gradient([new PhaseEnd<Tensor>(phi, beta, 1)]);

        Assert.Equal(theta.Names.ToArray(), local.Names.ToArray());
        Assert.All(theta.Values.Values.Zip(local.Values), pair => Assert.Equal(pair.First.shape, pair.Second.shape));
        Assert.InRange(Tolerance.RelativeDistance(local.Values, generic), 0, Tolerance.Rounding64);
    }

    [Fact]
    public void LocalSlowGradient_OfOneSynapse_IsLambdaTimesTheDistance()
    {
        // ∂ω = λ (ω − φ), ∂log λ = ½ λ (φ − ω)², summed over two tasks: ω = 1, λ = 2, φ = 3 and 0.
        using var scope = NewDisposeScope();
        var learner = new ComplexSynapse(Mlp.WithReadout(1, [], 1, Activation.Tanh), TaskLoss.SquaredError, 2, learnStrength: true);
        var theta = new NamedValues<Tensor>(
            [.. learner.Slow.Select(s => s.Name)],
            [
                .. learner.Slow.Select(
                    s => full([1, 1], s.Name.StartsWith("log", StringComparison.Ordinal) ? Math.Log(2) : 1.0, ScalarType.Float64)),
            ]);
        var phi = new NamedValues<Tensor>(
            ["head.weight", "head.bias"], [tensor([3.0, 0.0], [2, 1, 1]), ones([2, 1, 1], ScalarType.Float64)]);
        var gradient = learner.LocalSlowGradient(TorchOps.Instance, phi, learner.Consolidated(TorchOps.Instance, theta));
        Assert.Equal((2 * (1 - 3)) + (2 * (1 - 0)), gradient["omega.head.weight"].ToNumber(), Tolerance.Rounding64);
        Assert.Equal(0.5 * 2 * (4 + 1), gradient["log_lambda.head.weight"].ToNumber(), Tolerance.Rounding64);
        Assert.Equal(0, gradient["omega.head.bias"].ToNumber());
    }

    [Fact]
    public void InitialFast_OfEpisodes_GivesEveryTaskAndClassTheSharedColumn()
    {
        using var scope = NewDisposeScope();
        const string loss = "cross-entropy of episodes";
        var learner = Zoo.Create("ComplexSynapse, learned λ", loss);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(loss, tasks: 2);
        var phi = new InnerProblem(learner, theta.Values, batch).InitialFast();
        Assert.Equal(learner.Fast.Select(f => f.Name), phi.Names);
        Assert.Equal([2, 4, 4], phi["head.weight"].shape);
        for (var t = 0; t < 2; t++)
        {
            for (var c = 0; c < 4; c++)
            {
                Assert.True(theta["omega.head.weight"].squeeze(-1).eq(phi["head.weight"][t, TensorIndex.Colon, c]).all().ToTruth());
            }
        }
    }

    [Fact]
    public void Slow_WithFixedStrength_IsOmegaAlone()
    {
        var network = Mlp.WithReadout(3, [4], 1, Activation.Relu);
        var names = new ComplexSynapse(network, TaskLoss.SquaredError, 0.1, learnStrength: false).Slow.Select(s => s.Name);
        Assert.Equal(["omega.layer1.weight", "omega.layer1.bias", "omega.head.weight", "omega.head.bias"], names);
    }

    /// <summary>φ away from every equilibrium: the identity must hold anywhere.</summary>
    private static NamedValues<Tensor> Anywhere(ILearner learner, Parameters theta, EpisodeBatch batch)
    {
        var random = new Random(9);
        return new InnerProblem(learner, theta.Values, batch).InitialFast().Select(t => t.Plus(NormalTensors.Draw(random, t.shape)));
    }
}
