using MLNetMeta.Reproduce.Bandits;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Tests.Bandits;

/// <summary>The posterior against its closed form, and draws against the moments of Student's t, which they follow.</summary>
public sealed class BayesianRegressionTests
{
    private const double A0 = 6;
    private const double B0 = 2;
    private const double Strength = 0.5;

    private static readonly double[] _z = [1, -2, 0.5, 3];
    private static readonly double[] _y = [2, -3.5, 1.5, 6.2];

    [Fact]
    public void Observe_OfOneFeature_GivesThePosteriorByHand()
    {
        using var scope = NewDisposeScope();
        using var regression = new BayesianRegression(1, 1, A0, B0, Strength);
        Observe(regression, 0, _z, _y);
        var precision = Strength + _z.Sum(z => z * z);
        var moment = _z.Zip(_y, (z, y) => z * y).Sum();
        Assert.Equal(moment / precision, regression.Mean.ToNumber(), Tolerance.Rounding64);
        Assert.Equal(A0 + 2, regression.A.ToNumber(), Tolerance.Rounding64);
        Assert.Equal(B0 + (0.5 * (_y.Sum(y => y * y) - (moment * moment / precision))), regression.B.ToNumber(), 1e-10);
    }

    [Fact]
    public void Observe_OfSeveralFeatures_SolvesTheNormalEquations()
    {
        using var scope = NewDisposeScope();
        var random = new Random(1);
        var (z, y) = (NormalTensors.Draw(random, 2, 12, 3), NormalTensors.Draw(random, 2, 12, 1));
        using var regression = new BayesianRegression(2, 3, A0, B0, Strength);
        regression.Observe(tensor(new[] { 0L, 1 }), z, y);
        for (var i = 0; i < 2; i++)
        {
            var precision = z[i].t().matmul(z[i]).Plus(eye(3, 3, ScalarType.Float64).Times(Strength));
            var residual = precision.matmul(regression.Mean[i]).Minus(z[i].t().matmul(y[i])).abs().max().ToNumber();
            Assert.True(residual < 1e-10, $"residual {residual} of the normal equations");
            var b = B0 + (
                0.5 * y[i].Squared().sum().Minus(regression.Mean[i].t().matmul(precision).matmul(regression.Mean[i]).sum()).ToNumber());
            Assert.Equal(b, regression.B[i].ToNumber(), 1e-10);
        }
    }

    [Fact]
    public void Observe_InParts_EqualsAllAtOnce()
    {
        using var scope = NewDisposeScope();
        using var pair = new Pair();
        var (whole, parts) = pair;
        Observe(whole, 1, _z, _y);
        Observe(parts, 1, _z[..1], _y[..1]);
        Observe(parts, 1, _z[1..], _y[1..]);
        AssertEqual(whole, parts);
    }

    [Fact]
    public void Observe_OfWeightZero_ChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var pair = new Pair();
        var (whole, weighted) = pair;
        Observe(whole, 1, _z[..2], _y[..2]);
        weighted.Observe(tensor(new[] { 1L }), Column(_z), Column(_y), Column([1, 1, 0, 0]));
        AssertEqual(whole, weighted);
    }

    [Fact]
    public void Observe_OfOneRegression_LeavesTheOthersAtThePrior()
    {
        using var scope = NewDisposeScope();
        using var regressions = new BayesianRegression(3, 1, A0, B0, Strength);
        Observe(regressions, 1, _z, _y);
        Assert.Equal([A0, A0 + 2, A0], regressions.A.data<double>().ToArray());
        Assert.Equal([B0, B0], new[] { regressions.B[0].ToNumber(), regressions.B[2].ToNumber() });
        Assert.Equal([0, 0], new[] { regressions.Mean[0].ToNumber(), regressions.Mean[2].ToNumber() });
    }

    [Fact]
    public void Draw_ManyTimes_HasTheMomentsOfStudentsT()
    {
        using var scope = NewDisposeScope();
        const int count = 200_000;
        using var regressions = new BayesianRegression(count, 2, A0, B0, Strength);
        var all = arange(count, ScalarType.Int64);
        var rows = tensor(new double[] { 1, 0.5, -1, 2, 0.3, 1 }, [1, 3, 2]).expand(count, 3, 2);
        regressions.Observe(all, rows, tensor(new double[] { 2, 1, -1 }, [1, 3, 1]).expand(count, 3, 1));
        var z = tensor(new double[] { 0.7, -1.1 }, [2, 1]);
        using var generator = new Generator(5);
        var draws = regressions.Draw(z.unsqueeze(0).expand(count, 2, 1), generator);

        // βᵀz is μᵀz + t of 2a degrees of freedom, scaled: variance b/(a − 1) · zᵀΛ⁻¹z.
        var precision = rows[0].t().matmul(rows[0]).Plus(eye(2, 2, ScalarType.Float64).Times(Strength));
        var reach = z.t().matmul(linalg.inv(precision)).matmul(z).ToNumber();
        var (mean, variance) = (regressions.Mean[0].t().matmul(z).ToNumber(), regressions.B[0].ToNumber() / (A0 + 1.5 - 1) * reach);
        var error = Math.Sqrt(variance / count);
        Assert.Equal(mean, draws.mean().ToNumber(), 5 * error);
        Assert.Equal(1, draws.var().ToNumber() / variance, 0.03);
    }

    private sealed class Pair : IDisposable
    {
        private readonly BayesianRegression _one = new(2, 1, A0, B0, Strength);
        private readonly BayesianRegression _other = new(2, 1, A0, B0, Strength);

        public void Deconstruct(out BayesianRegression one, out BayesianRegression other) => (one, other) = (_one, _other);

        public void Dispose()
        {
            _one.Dispose();
            _other.Dispose();
        }
    }

    private static void AssertEqual(BayesianRegression one, BayesianRegression other)
    {
        Assert.Equal(one.Mean[1].ToNumber(), other.Mean[1].ToNumber(), 1e-12);
        Assert.Equal(one.A[1].ToNumber(), other.A[1].ToNumber(), 1e-12);
        Assert.Equal(one.B[1].ToNumber(), other.B[1].ToNumber(), 1e-10);
    }

    private static void Observe(BayesianRegression regression, long which, double[] z, double[] y) =>
        regression.Observe(tensor(new[] { which }), Column(z), Column(y));

    private static Tensor Column(double[] values) => tensor(values, [1, values.Length, 1]);
}
