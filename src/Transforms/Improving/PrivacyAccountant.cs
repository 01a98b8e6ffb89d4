using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

/// <summary>Computes the (ε, δ)-differential privacy that Gaussian noise on contributions guarantees.</summary>
/// <remarks>
/// <para>
/// Rényi differential privacy of the subsampled Gaussian mechanism (Mironov, Talwar and Zhang, 2019, section 3.3, for whole orders α),
/// is added up over rounds and converted into (ε, δ) as in Canonne, Kamath and Steinke (2020, proposition 12). The bound holds for any
/// other contributions. Senders must take part in a round at random and independently of each other (Poisson sampling), or take part in all
/// rounds.
/// </para>
/// <para>
/// <see cref="ContributionOptions.NoiseMultiplier"/> protects each task even from the server. In this case the sampling rate is 1, and the
/// number of rounds is how often a task is contributed. <see cref="ImproverOptions.NoiseMultiplier"/> protects each contribution from
/// everybody who sees revisions of the learner; the sender must trust the server. In this case the sampling rate is the share of senders
/// that take part in a step, and the rounds are the steps. Other values that an app sends, such as <see cref="LearnerContribution.Tasks"/>,
/// are not protected.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// double noise = PrivacyAccountant.NoiseMultiplier(epsilon: 8, samplingRate: 0.01, rounds: 500, delta: 1e-6);
/// </code>
/// </example>
public static class PrivacyAccountant
{
    private const int LargestOrder = 512;

    /// <summary>ε for a given δ.</summary>
    /// <param name="noiseMultiplier">Standard deviation of the noise in units of the clipping norm, above 0.</param>
    /// <param name="samplingRate">Probability that a sender takes part in a round, in (0, 1].</param>
    /// <param name="rounds">Number of rounds, at least 1.</param>
    /// <param name="delta">δ, in (0, 1). Choose it well below 1 / number of senders.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static double Epsilon(double noiseMultiplier, double samplingRate, int rounds, double delta)
    {
        Check(noiseMultiplier > 0 && double.IsFinite(noiseMultiplier), nameof(noiseMultiplier), noiseMultiplier, "a finite number above 0");
        Check(samplingRate is > 0 and <= 1, nameof(samplingRate), samplingRate, "above 0 and at most 1");
        Check(rounds >= 1, nameof(rounds), rounds, "at least 1");
        Check(delta is > 0 and < 1, nameof(delta), delta, "above 0 and below 1");
        return Math.Max(0, Orders(samplingRate).Min(order =>
            (rounds * Divergence(noiseMultiplier, samplingRate, order)) + Math.Log((order - 1) / order)
            - ((Math.Log(delta) + Math.Log(order)) / (order - 1))));
    }

    /// <summary>The smallest noise multiplier that guarantees ε, to a thousandth.</summary>
    /// <param name="epsilon">ε, above 0.</param>
    /// <param name="samplingRate">Probability that a sender takes part in a round, in (0, 1].</param>
    /// <param name="rounds">Number of rounds, at least 1.</param>
    /// <param name="delta">δ, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range, or no noise up to a million guarantees
    /// it.</exception>
    public static double NoiseMultiplier(double epsilon, double samplingRate, int rounds, double delta)
    {
        Check(epsilon > 0, nameof(epsilon), epsilon, "above 0");
        var (low, high) = (0.0, 1.0);
        while (Epsilon(high, samplingRate, rounds, delta) > epsilon)
        {
            (low, high) = (high, 2 * high);
            Check(high <= 1e6, nameof(epsilon), epsilon, "larger: no noise multiplier up to a million guarantees it");
        }

        while (high - low > 1e-3)
        {
            var middle = (low + high) / 2;
            (low, high) = Epsilon(middle, samplingRate, rounds, delta) > epsilon ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>Rényi divergence of order α of one round; whole orders only where senders are sampled.</summary>
    internal static double Divergence(double noiseMultiplier, double samplingRate, double order)
    {
        var variance = noiseMultiplier * noiseMultiplier;
        if (samplingRate == 1)
        {
            return order / (2 * variance);
        }

        // log Σₖ C(α, k) (1 − q)^(α − k) qᵏ exp(k (k − 1) / 2σ²), without overflow.
        var (sum, logChoose) = (double.NegativeInfinity, 0.0);
        for (var k = 0; k <= (int)order; k++)
        {
            sum = LogAdd(
                sum,
                logChoose + (k * Math.Log(samplingRate)) + ((order - k) * Math.Log(1 - samplingRate)) + (k * (k - 1.0) / (2 * variance)));
            logChoose += Math.Log((order - k) / (k + 1));
        }

        return sum / (order - 1);
    }

    private static IEnumerable<double> Orders(double samplingRate) => samplingRate == 1
        ? Enumerable.Range(1, 2000).Select(i => 1 + Math.Pow(10, -3 + (i * 0.004))) // From 1.001 to a hundred thousand.
        : Enumerable.Range(2, LargestOrder - 1).Select(order => (double)order);

    private static double LogAdd(double a, double b)
    {
        var (low, high) = a < b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(low) ? high : high + Math.Log(1 + Math.Exp(low - high));
    }

    private static void Check(bool holds, string name, object value, string allowed)
    {
        if (!holds)
        {
            throw Throw.Option(name, value, allowed);
        }
    }
}
