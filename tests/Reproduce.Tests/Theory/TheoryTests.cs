using MLNetMeta.Trainers;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.Theory;

/// <summary>The error of the rule on problems with a known meta-gradient: its order, its bound, and the figures seen before.</summary>
public sealed class TheoryTests
{
    private static readonly Phase _settling = new(Optimizer.Sgd(0.3), 400);

    public static TheoryData<NudgingStencil, double> Orders => new()
    {
        { NudgingStencil.Forward, 1 },
        { NudgingStencil.Symmetric, 2 },
        { NudgingStencil.SecondOrder, 2 },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public void Error_SettledPhases_FallsWithTheOrderOfTheStencil(NudgingStencil stencil, double order)
    {
        foreach (var learnStrength in new[] { false, true })
        {
            using var problem = ExactProblems.Standard(learnStrength: learnStrength);
            double Error(double beta) => problem.RelativeError(new ContrastiveRule(Stencil.Of(stencil), beta, _settling, _settling));
            Assert.Equal(order, Math.Log(Error(0.01) / Error(0.0025), 4), 0.05);
        }
    }

    [Fact]
    public void Error_SettledPhasesOfTheStandardQuadratic_IsOfTheSizeSeen()
    {
        // Relative errors of another draw of the same problem: forward 1.1e-3, 1.1e-2, 9.6e-2; symmetric
        // 1.3e-6, 1.3e-4, 1.3e-2. A factor of 2 for the draw.
        using var problem = ExactProblems.Standard();
        foreach (var (beta, forward, symmetric) in new[] { (1e-3, 1.1e-3, 1.3e-6), (1e-2, 1.1e-2, 1.3e-4), (0.1, 9.6e-2, 1.3e-2) })
        {
            Assert.InRange(
                problem.RelativeError(new ContrastiveRule(Stencil.Forward, beta, _settling, _settling)), forward / 2, forward * 2);
            Assert.InRange(
                problem.RelativeError(new ContrastiveRule(Stencil.Symmetric, beta, _settling, _settling)), symmetric / 2, symmetric * 2);
        }
    }

    [Fact]
    public void Equilibrium_OfTheProblem_IsWhereAPhaseSettles()
    {
        using var problem = ExactProblems.Standard(seed: 5);
        foreach (var beta in new[] { -0.1, 0.3, 1 })
        {
            var (free, nudged) = problem.SettlingErrors(_settling, _settling, beta);
            Assert.InRange(free, 0, 1e-9);
            Assert.InRange(nudged, 0, 1e-9);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bound_AnyPhasesAndBeta_IsAtLeastTheMeasuredError(bool learnStrength)
    {
        foreach (var seed in new[] { 0, 1, 2 })
        {
            using var problem = ExactProblems.Standard(seed, learnStrength);
            using var exact = problem.ExactGradient();
            foreach (var steps in new[] { 3, 10, 40 })
            {
                foreach (var beta in new[] { 1e-3, 1e-2, 0.1, 1 })
                {
                    var phase = new Phase(Optimizer.Sgd(0.2), steps);
                    var error = problem.RelativeError(new ContrastiveRule(Stencil.Forward, beta, phase, phase)) * exact.Norm();
                    var bound = ErrorBound.Of(problem, phase, phase, beta);
                    Assert.True(
                        double.IsFinite(error) && error <= bound, $"error {error:E2}, bound {bound:E2} with {steps} steps at β = {beta}");
                }
            }
        }
    }

    [Fact]
    public void BestBeta_OfABound_MinimisesIt()
    {
        var bound = new ErrorBound(0.5, 0.2, 7);
        var (free, nudged) = (1e-3, 2e-3);
        var best = bound.BestBeta(free, nudged);
        Assert.Equal(bound.Smallest(free, nudged), bound.At(best, free, nudged), 1e-12);
        Assert.True(bound.At(best * 1.1, free, nudged) > bound.At(best, free, nudged));
        Assert.True(bound.At(best / 1.1, free, nudged) > bound.At(best, free, nudged));
        Assert.Equal(double.PositiveInfinity, bound.BestBeta(100, 100));
    }

    [Fact]
    public void Error_ShortPhases_IsSmallestAtABetaThatFallsWithLongerPhases()
    {
        // The U in β: its minimum moves left and down.
        using var problem = ExactProblems.Standard();
        double[] grid = [.. Enumerable.Range(0, 25).Select(i => Math.Pow(10, -4 + (i / 6.0)))];
        var minima = new[] { 8, 16, 32 }.Select(steps =>
        {
            var phase = new Phase(Optimizer.Sgd(0.3), steps);
            return grid.Select(
                beta => (
                    Beta: beta,
                    Error: problem.RelativeError(new ContrastiveRule(Stencil.Forward, beta, phase, phase)))).MinBy(e => e.Error);
        }).ToArray();
        Assert.True(minima[0].Beta > minima[1].Beta && minima[1].Beta > minima[2].Beta, string.Join(", ", minima));
        Assert.True(minima[0].Error > minima[1].Error && minima[1].Error > minima[2].Error, string.Join(", ", minima));
    }

    [Fact]
    public void Ridge_OnRows_HasTheExactGradientOfItsClosedForm()
    {
        var random = new Random(1);
        double[][] Rows(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, 4).Select(_ => (2 * random.NextDouble()) - 1).ToArray())];
        double[] Targets(double[][] rows) => [.. rows.Select(r => r[0] - (2 * r[1]) + (0.3 * random.NextDouble()))];
        var (support, query) = (Rows(12), Rows(9));
        using var problem = ExactProblems.Ridge(support, Targets(support), query, Targets(query), 0.2);
        using var exact = problem.ExactGradient();
        // ∂L_out(φ*(λ))/∂log λ by differences of the closed form alone would need the same matrices: the unrolled rule does not.
        using var unrolled = new UnrolledRule(null, new Phase(Optimizer.Sgd(0.5), 600)).Estimate(
            problem.Learner, problem.Theta, problem.Batch);
        Differences.AssertClose(unrolled.Gradient, exact, 1e-8);
    }
}
