using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Rules;

/// <summary>Linear solvers on their own: what they cost, and what they do where nothing depends on anything.</summary>
public sealed class SolverTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ConjugateGradient_OfSoManySteps_TakesAsManyProducts(int steps) =>
        Assert.Equal(steps, ProductsOf(new ConjugateGradientSolver(steps)));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void NeumannSeries_OfSoManyTerms_TakesOneProductLess(int terms) =>
        Assert.Equal(terms - 1, ProductsOf(new NeumannSolver(terms, 0.1)));

    [Fact]
    public void T1T2_TakesNoProduct() => Assert.Equal(0, ProductsOf(new IdentitySolver()));

    [Fact]
    public void Product_OfOutputsThatDependOnNothing_IsZero()
    {
        using var scope = NewDisposeScope();
        var inputs = new[] { ones(2, 3).requires_grad_(), ones(4).requires_grad_() };
        var products = Autograd.Product([ones(2), ones(5)], inputs, [ones(2), ones(5)]);
        Assert.All(products.Zip(inputs), pair => Assert.True(pair.First.equal(zeros_like(pair.Second)).all().ToTruth()));
        Assert.Equal(inputs.Select(i => i.shape), products.Select(p => p.shape));
    }

    [Fact]
    public void Product_OfSomeInputs_IsZeroForTheOthers()
    {
        using var scope = NewDisposeScope();
        var (used, unused) = (tensor(new float[] { 1, 2 }).requires_grad_(), ones(3).requires_grad_());
        var output = used.mul(used);
        for (var round = 0; round < 2; round++)
        {
            // The graph stays usable.
            var products = Autograd.Product([output, ones(1)], [used, unused], [tensor(new float[] { 1, 10 }), ones(1)]);
            Assert.Equal(new float[] { 2, 40 }, products[0].data<float>().ToArray());
            Assert.Equal(new float[] { 0, 0, 0 }, products[1].data<float>().ToArray());
        }
    }

    /// <summary>How often a solver asks for the product, here with a diagonal matrix.</summary>
    private static int ProductsOf(ILinearSolver solver)
    {
        using var scope = NewDisposeScope();
        var diagonal = tensor(new double[] { 1, 2, 3, 4, 5, 6 }).reshape(1, 6);
        var products = 0;
        solver.Solve(
            v =>
            {
                products++;
                return [v[0].mul(diagonal)];
            },
            [ones(1, 6, dtype: ScalarType.Float64)]);
        return products;
    }
}
