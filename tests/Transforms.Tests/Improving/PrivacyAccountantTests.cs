using Xunit;

namespace MLNetMeta.Transforms.Tests.Improving;

/// <summary>Against what is known exactly, and against published numbers.</summary>
public sealed class PrivacyAccountantTests
{
    /// <summary>Without sampling the answer is known: Balle and Wang (2018), theorem 8, for √rounds times the shift.</summary>
    [Theory]
    [InlineData(1, 1, 1e-5)]
    [InlineData(5, 1, 1e-5)]
    [InlineData(4, 10, 1e-6)]
    [InlineData(20, 100, 1e-5)]
    [InlineData(0.5, 1, 1e-3)]
    public void Epsilon_WithoutSampling_IsAtLeastTheExactOne_AndClose(double noise, int rounds, double delta)
    {
        var epsilon = PrivacyAccountant.Epsilon(noise, 1, rounds, delta);
        Assert.True(ExactDelta(noise, rounds, epsilon) <= delta, "It promises more than holds.");
        // A looser ε by a sixth would be no good bound.
        Assert.True(ExactDelta(noise, rounds, epsilon / 1.17) > delta, "It promises much less than holds.");
    }

    /// <summary>
    /// Abadi et al. (2016), section 3: q = 0.01, σ = 4, δ = 1e-5 and 10,000 steps give ε = 1.26 by the moments accountant, which turns
    /// moments into ε a little more loosely.
    /// </summary>
    [Fact]
    public void Epsilon_OfThePublishedExample_IsALittleLess() =>
        Assert.InRange(PrivacyAccountant.Epsilon(4, 0.01, 10_000, 1e-5), 0.9, 1.26);

    /// <summary>The definition: Eₙ[(p/n)^α], with p the mixture (1 − q) N(0, σ²) + q N(1, σ²) and n = N(0, σ²), by quadrature.</summary>
    [Theory]
    [InlineData(1, 0.1, 2)]
    [InlineData(1, 0.1, 7)]
    [InlineData(4, 0.01, 32)]
    [InlineData(2, 0.5, 5)]
    [InlineData(0.8, 0.02, 4)]
    public void Divergence_OfARound_IsItsDefinition(double noise, double rate, int order)
    {
        const int points = 200_000;
        var (from, to) = (-20 * noise, (20 * noise) + order);
        var width = (to - from) / points;
        var moment = 0.0;
        for (var i = 0; i < points; i++)
        {
            var x = from + ((i + 0.5) * width);
            var density = Math.Exp(-x * x / (2 * noise * noise)) / (noise * Math.Sqrt(2 * Math.PI));
            var ratio = 1 - rate + (rate * Math.Exp(((2 * x) - 1) / (2 * noise * noise)));
            moment += width * density * Math.Pow(ratio, order);
        }

        Assert.Equal(Math.Log(moment) / (order - 1), PrivacyAccountant.Divergence(noise, rate, order), 1e-6);
    }

    [Fact]
    public void Epsilon_WithMoreRoundsOrLessNoise_Grows_AndWithFewerSampled_Shrinks()
    {
        var epsilon = PrivacyAccountant.Epsilon(1.5, 0.05, 100, 1e-5);
        Assert.True(PrivacyAccountant.Epsilon(1.5, 0.05, 200, 1e-5) > epsilon);
        Assert.True(PrivacyAccountant.Epsilon(1.0, 0.05, 100, 1e-5) > epsilon);
        Assert.True(PrivacyAccountant.Epsilon(1.5, 0.01, 100, 1e-5) < epsilon);
        Assert.True(PrivacyAccountant.Epsilon(1.5, 0.05, 100, 1e-7) > epsilon);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 0.05, 500)]
    public void NoiseMultiplier_ForAnEpsilon_JustGuaranteesIt(double epsilon, double rate, int rounds)
    {
        var noise = PrivacyAccountant.NoiseMultiplier(epsilon, rate, rounds, 1e-5);
        Assert.True(PrivacyAccountant.Epsilon(noise, rate, rounds, 1e-5) <= epsilon);
        Assert.True(PrivacyAccountant.Epsilon(noise - 0.002, rate, rounds, 1e-5) > epsilon);
    }

    [Theory]
    [InlineData(0, 1, 1, 1e-5)]
    [InlineData(1, 0, 1, 1e-5)]
    [InlineData(1, 1.1, 1, 1e-5)]
    [InlineData(1, 1, 0, 1e-5)]
    [InlineData(1, 1, 1, 0)]
    [InlineData(1, 1, 1, 1)]
    public void Epsilon_OutOfRange_IsRefused(double noise, double rate, int rounds, double delta) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PrivacyAccountant.Epsilon(noise, rate, rounds, delta));

    private static double ExactDelta(double noise, int rounds, double epsilon)
    {
        var sigma = noise / Math.Sqrt(rounds);
        return Phi((1 / (2 * sigma)) - (epsilon * sigma)) - (Math.Exp(epsilon) * Phi((-1 / (2 * sigma)) - (epsilon * sigma)));
    }

    /// <summary>The normal distribution function, by quadrature of its density.</summary>
    private static double Phi(double x)
    {
        const int points = 400_000;
        var from = Math.Min(x, 0) - 12;
        var width = (x - from) / points;
        var sum = 0.0;
        for (var i = 0; i < points; i++)
        {
            var at = from + ((i + 0.5) * width);
            sum += Math.Exp(-at * at / 2);
        }

        return sum * width / Math.Sqrt(2 * Math.PI);
    }
}
