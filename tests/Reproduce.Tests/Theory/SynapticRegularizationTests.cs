using MLNetMeta.Trainers;
using TorchSharp;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.Theory;

public sealed class SynapticRegularizationTests
{
    [Fact]
    public void Estimate_UnrolledOrSettled_EqualsFiniteDifferences()
    {
        var learner = new SynapticRegularization(Mlp.WithReadout(Zoo.Features, [3], 3, Activation.Tanh), TaskLoss.CrossEntropy, 0.3);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.SharedClasses, tasks: 1);
        var brief = new Phase(Optimizer.Sgd(0.1), 6);
        using var unrolled = new UnrolledRule(null, brief).Estimate(learner, theta, batch);
        using var expected = Differences.Gradient(theta, t => Differences.AdaptedLoss(learner, t, batch, brief));
        Differences.AssertClose(unrolled.Gradient, expected, 1e-6);
    }

    [Fact]
    public void Estimate_RulesOfTheEquilibrium_LearnStrengthsAndLeaveTheStart()
    {
        var learner = new SynapticRegularization(Mlp.WithReadout(Zoo.Features, [3], 3, Activation.Tanh), TaskLoss.CrossEntropy, 0.05);
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.SharedClasses, tasks: 1);
        var free = new Phase(Optimizer.Sgd(0.2, 0.8, nesterov: true), 1500);
        using var exact = new ImplicitRule(new ConjugateGradientSolver(60), free).Estimate(learner, theta, batch);
        using var contrastive = new ContrastiveRule(Stencil.Symmetric, 2e-4, free, free).Estimate(learner, theta, batch);
        Differences.AssertClose(contrastive.Gradient, exact.Gradient, 1e-4); // bias of order (β/λ)²
        Assert.Equal(0, contrastive.Gradient["start.layer1.weight"].abs().max().ToDouble());
        Assert.NotEqual(0, contrastive.Gradient["log_lambda.layer1.weight"].abs().max().ToDouble());
    }

    [Fact]
    public void LocalSlowGradient_AnyBeta_EqualsTheGenericOne()
    {
        var learner = new SynapticRegularization(Mlp.WithReadout(Zoo.Features, [3], 3, Activation.Tanh), TaskLoss.CrossEntropy, 0.3);
        using var scope = torch.NewDisposeScope();
        using var theta = Zoo.Theta(learner);
        using var batch = Zoo.Tasks(Zoo.SharedClasses);
        var problem = new InnerProblem(learner, theta.Values, batch);
        var phi = Settle.Run(problem, problem.InitialFast(), 0, new Phase(Optimizer.Sgd(0.1), 3)).Phi;
        foreach (var beta in new[] { 0, 0.7, -2 })
        {
            var pass = new SlowPass<torch.Tensor>(TorchOps.Instance, learner, theta.Values, batch.Support, batch.Query);
            using var expected = new Parameters(theta.Values.With(pass.Gradient([new PhaseEnd<torch.Tensor>(phi, beta, 1)])));
            using var local = new Parameters(
                learner.LocalSlowGradient(TorchOps.Instance, phi, learner.Consolidated(TorchOps.Instance, theta.Values)));
            Differences.AssertClose(local, expected, 1e-12);
        }
    }
}
