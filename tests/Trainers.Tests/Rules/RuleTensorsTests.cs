using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Rules;

/// <summary>Counts the live tensors of the whole process, and therefore runs alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RuleTensors
{
    public const string Name = "tensors of rules";
}

[Collection(RuleTensors.Name)]
public sealed class RuleTensorsTests
{
    private static readonly Phase _free = new(Optimizer.Adam(0.02), 5);

    public static TheoryData<string> Rules => new(All.Select(rule => rule.Name).Distinct());

    private static IMetaGradientRule[] All =>
    [
        new ContrastiveRule(Stencil.Symmetric, 0.1, _free, _free),
        new ImplicitRule(new ConjugateGradientSolver(4), _free),
        new ImplicitRule(new NeumannSolver(4, 0.1), _free),
        new ImplicitRule(new IdentitySolver(), _free),
        new UnrolledRule(null, _free),
        new UnrolledRule(2, _free),
        new FirstOrderRule(_free),
        new ReptileRule(_free),
    ];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Estimate_OfEveryRule_LeavesOnlyItsAnswerAlive(string name)
    {
        var rule = All.Single(r => r.Name == name);
        foreach (var learnerName in Zoo.Descending)
        {
            var learner = Zoo.Small(learnerName, Zoo.OneOutput);
            using var theta = Zoo.Theta(learner);
            using var batch = Zoo.Tasks(Zoo.OneOutput);
            rule.Estimate(learner, theta, batch).Dispose();
            SettleFinalizers();
            var before = torch.Tensor.TotalCount;
            using (var estimate = rule.Estimate(learner, theta, batch))
            {
                Assert.Equal(theta.Names.ToArray(), estimate.Gradient.Names.ToArray());
                Assert.All(
                    estimate.Gradient.Values.Values.Zip(theta.Values.Values), pair => Assert.Equal(pair.Second.shape, pair.First.shape));
                Assert.All(estimate.Gradient.Values.Values, t => Assert.False(t.requires_grad));
            }

            Assert.Equal(before, torch.Tensor.TotalCount);
        }
    }

    // Tensors that other tests left to the finaliser must not be counted.
    private static void SettleFinalizers()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
