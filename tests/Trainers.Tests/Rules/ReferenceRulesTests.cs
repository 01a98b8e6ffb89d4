using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Rules;

/// <summary>Implicit, first-order and Reptile rules against closed forms, their formulas, and each other.</summary>
public sealed class ReferenceRulesTests
{
    /// <summary>Long enough to settle a problem with λ_min(H) = 0.6 to rounding.</summary>
    private static readonly Phase _settling = new(Optimizer.Sgd(0.3), 400);

    public static TheoryData<string> Learners => new(Zoo.Descending);

    [Fact]
    public void ConjugateGradient_AsManyStepsAsParameters_IsExact()
    {
        using var problem = ExactProblems.Standard(learnStrength: true);
        Assert.InRange(problem.RelativeError(new ImplicitRule(new ConjugateGradientSolver(20), _settling)), 0, 1e-8);
        // And no sooner: the error falls step by step.
        var errors = new[] { 1, 3, 6, 10 }.Select(
            steps => problem.RelativeError(new ImplicitRule(new ConjugateGradientSolver(steps), _settling))).ToArray();
        Assert.True(errors.Zip(errors.Skip(1), (a, b) => b < 0.5 * a).All(falls => falls), string.Join(", ", errors));
    }

    [Fact]
    public void ConjugateGradient_StepsBeyondConvergence_StayExact()
    {
        using var problem = ExactProblems.Standard(learnStrength: true);
        Assert.InRange(problem.RelativeError(new ImplicitRule(new ConjugateGradientSolver(200), _settling)), 0, 1e-8);
    }

    [Fact]
    public void NeumannSeries_MoreTerms_ConvergesLinearlyToExact()
    {
        using var problem = ExactProblems.Standard(learnStrength: true);
        double Error(int terms) => problem.RelativeError(new ImplicitRule(new NeumannSolver(terms, 0.4), _settling));
        Assert.InRange(Error(200), 0, 1e-8);
        // The slowest mode shrinks by 1 − 0.4 · 0.6 with each term.
        Assert.InRange(Math.Pow(Error(60) / Error(40), 1.0 / 20), 0.5, 0.78);
    }

    [Fact]
    public void T1T2_OnTheQuadratic_EqualsItsFormula()
    {
        using var problem = ExactProblems.Standard(learnStrength: true);
        using var expected = problem.IdentityGradient();
        using var estimate = new ImplicitRule(new IdentitySolver(), _settling).Estimate(problem.Learner, problem.Theta, problem.Batch);
        Differences.AssertClose(estimate.Gradient, expected, 1e-9);
    }

    [Fact]
    public void NeumannSeries_OfOneTerm_IsT1T2Scaled()
    {
        using var problem = ExactProblems.Standard(learnStrength: true);
        using var neumann = new ImplicitRule(new NeumannSolver(1, 0.25), _settling).Estimate(problem.Learner, problem.Theta, problem.Batch);
        using var identity = new ImplicitRule(new IdentitySolver(), _settling).Estimate(problem.Learner, problem.Theta, problem.Batch);
        using var scaled = identity.Gradient.Scale(0.25);
        Differences.AssertClose(neumann.Gradient, scaled, 1e-12);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void AllExactRules_SettledLearner_Agree(string name)
    {
        foreach (var loss in new[] { Zoo.OneOutput, Zoo.SharedClasses, Zoo.Episodes })
        {
            if (loss == Zoo.Episodes && name == Zoo.Boil)
            {
                continue;
            }

            using var batch = Zoo.Tasks(loss);
            AssertAgree(Zoo.Small(name, loss), batch, new Phase(Optimizer.Sgd(0.1, 0.8, nesterov: true), 400));
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void AllExactRules_SettledConvNet_Agree(string name)
    {
        // With little weight on the data φ stays near ω: away from the kinks of ReLU, at which phases would not settle but go to and fro.
        const double weight = 0.005;
        var network = ConvNet.WithReadout(
            new ConvolutionalNetwork(new ImageShape(1, 4, 4)) { Filters = [2], Normalization = ImageNormalization.Layer }, outputs: 3);
        using var drawn = Zoo.Tasks(Zoo.SharedClasses, features: network.Inputs);
        using var batch = new EpisodeBatch(Small(drawn.Support), Small(drawn.Query));
        AssertAgree(
            Zoo.On(name, network, TaskLoss.CrossEntropy), batch, new Phase(Optimizer.Sgd(0.1, 0.8, nesterov: true), 200));

        static Rows<torch.Tensor> Small(Rows<torch.Tensor> rows) =>
            new(rows.Features.clone(), rows.Targets.clone(), rows.Weights.Times(weight));
    }

    /// <summary>Unrolling against central differences, and the rules of the equilibrium against unrolling.</summary>
    private static void AssertAgree(ILearner learner, EpisodeBatch batch, Phase free)
    {
        using var theta = Zoo.Theta(learner);
        using var unrolled = new UnrolledRule(null, free).Estimate(learner, theta, batch);
        using var implicitly = new ImplicitRule(new ConjugateGradientSolver(60), free).Estimate(learner, theta, batch);
        using var contrastive = new ContrastiveRule(Stencil.Symmetric, 1e-3, free, free).Estimate(learner, theta, batch);
        Differences.AssertClose(implicitly.Gradient, unrolled.Gradient, 1e-7);
        Differences.AssertClose(contrastive.Gradient, unrolled.Gradient, 1e-4); // bias of order β²

        using var direction = Zoo.Theta(learner, seed: 9);
        var expected = Differences.Along(theta, direction, t => Differences.AdaptedLoss(learner, t, batch, free));
        Assert.Equal(expected, unrolled.Gradient.Dot(direction), 1e-6 * unrolled.Gradient.Norm() * direction.Norm());
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void FirstOrder_OneTaskAfterAdaptation_IsTheGradientAtTheAdaptedWeights(string name)
    {
        var learner = Zoo.Small(name, Zoo.OneOutput);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        var free = new Phase(Optimizer.Sgd(0.1), 5);
        using var estimate = new FirstOrderRule(free).Estimate(learner, theta, batch);

        // L_out(φ̂ + (φ⁰(θ') − φ⁰(θ)), θ'): adaptation as a shift that does not depend on its start.
        using var scope = torch.NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var start = problem.InitialFast();
        var end = Settle.Run(problem, start, 0, free).Phi;
        using var expected = Differences.Gradient(theta, t =>
        {
            using var inner = torch.NewDisposeScope();
            var moved = new InnerProblem(learner, t.Values, batch);
            var shifted = moved.InitialFast().Values.Select((v, i) => end.Values[i] + v - start.Values[i]).ToArray();
            return moved.EvaluationLoss(end.With(shifted));
        });
        Differences.AssertClose(estimate.Gradient, expected, 1e-6);
    }

    [Fact]
    public void Reptile_ComplexSynapse_IsTheWayBackFromTheAdaptedWeights()
    {
        var learner = Zoo.Small(Zoo.Synapse, Zoo.OneOutput);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.OneOutput);
        var free = new Phase(Zoo.Optimizers["Nesterov"], 5);
        using var estimate = new ReptileRule(free).Estimate(learner, theta, batch);

        using var scope = torch.NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var end = Settle.Run(problem, problem.InitialFast(), 0, free).Phi;
        foreach (var name in end.Names)
        {
            var omega = theta[$"omega.{name}"];
            var expected = omega.mul(batch.Tasks).sub(end[name].sum(dim: 0L));
            Assert.True(expected.sub(estimate.Gradient[$"omega.{name}"]).abs().max().ToDouble() < 1e-12, name);
            Assert.Equal(0, estimate.Gradient[$"log_lambda.{name}"].abs().max().ToDouble());
        }
    }

    [Theory]
    [InlineData(Zoo.Anil, "layer1.weight", "omega.head.weight")]
    [InlineData(Zoo.Boil, "head.weight", "omega.layer1.weight")]
    public void FastParameters_OfANetwork_TheOthersAreSlowAndShared(string name, string shared, string consolidated)
    {
        var learner = Zoo.Small(name, Zoo.OneOutput);
        Assert.Contains(learner.Slow, s => s.Name == shared);
        Assert.Contains(learner.Slow, s => s.Name == consolidated);
        Assert.DoesNotContain(learner.Fast, f => f.Name == shared);
        var network = (Network)learner.Network;
        var sharedCount = learner.Slow.Count(
            s => !s.Name.Contains("omega.", StringComparison.Ordinal) && !s.Name.Contains("log_", StringComparison.Ordinal));
        Assert.Equal(network.Trunk.Length + network.Head.Length, learner.Fast.Length + sharedCount);
    }

    [Fact]
    public void Prototypes_OfAnEpisode_AreTheMeansOfTheClasses()
    {
        var learner = new PrototypicalNetwork(Mlp.WithReadout(Zoo.Features, [3], 4, Activation.Tanh), 4);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.SharedClasses, support: 5, everyClass: true);
        using var scope = torch.NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, batch);
        var prototypes = problem.InitialFast()["prototypes"];
        var hidden = batch.Support.Features.matmul(theta["layer1.weight"]).add(theta["layer1.bias"]).tanh();
        var embedded = hidden.matmul(theta["head.weight"]).add(theta["head.bias"]);
        // Classes of the support rows are 0, 1, 2, 0, 1.
        var expected = torch.stack([(embedded[0][0] + embedded[0][3]) / 2, (embedded[0][1] + embedded[0][4]) / 2, embedded[0][2]]);
        Assert.True(prototypes[0].sub(expected).abs().max().ToDouble() < 1e-12);
    }
}
