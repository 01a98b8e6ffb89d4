namespace MLNetMeta.Reproduce.Bandits;

/// <summary>
/// The wheel bandit (Riquelme et al., 2018): contexts in the unit disc, five arms, and a rim whose width says how much there is to explore.
/// </summary>
/// <remarks>
/// Arms 0 to 3 pay 1 and arm 4 pays 1.2 (± 0.05); outside the radius δ the arm of the context's quadrant pays 50 (± 0.01) instead. The
/// larger δ, the rarer are the contexts that say so.
/// </remarks>
internal sealed record Wheel
{
    public const int Arms = 5;

    public const int Features = 2;

    /// <summary>What networks see a context multiplied by, so that its elements have variance 1.</summary>
    public const float FeatureScale = 2;

    /// <summary>The largest mean reward.</summary>
    public const double Jackpot = 50;

    private const double Usual = 1;

    private const double Safe = 1.2;

    /// <param name="delta">δ, from 0 (the rim is everything) to 1 (there is no rim).</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public Wheel(double delta) => Delta = delta is >= 0 and <= 1
        ? delta
        : throw new ArgumentOutOfRangeException(nameof(delta), delta, "The radius of a wheel must be from 0 to 1.");

    public double Delta { get; }

    /// <summary>Expected regret of an arm chosen at random.</summary>
    public double UniformRegret
    {
        get
        {
            var inside = Delta * Delta;
            return (inside * 0.8 * (Safe - Usual)) + ((1 - inside) * ((0.6 * (Jackpot - Usual)) + (0.2 * (Jackpot - Safe))));
        }
    }

    /// <summary>A context, uniform in the unit disc.</summary>
    public static (double X, double Y) Draw(Random random)
    {
        var (radius, angle) = (Math.Sqrt(random.NextDouble()), 2 * Math.PI * random.NextDouble());
        return (radius * Math.Cos(angle), radius * Math.Sin(angle));
    }

    /// <summary>Mean and standard deviation of an arm's reward.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such arm.</exception>
    public (double Mean, double Spread) Reward(double x, double y, int arm)
    {
        if (arm is < 0 or >= Arms)
        {
            throw new ArgumentOutOfRangeException(nameof(arm), arm, $"A wheel has the arms 0 to {Arms - 1}.");
        }

        return IsRim(x, y) && arm == Quadrant(x, y) ? (Jackpot, 0.01) : (arm == Arms - 1 ? Safe : Usual, 0.05);
    }

    /// <summary>What the best arm pays more than this one, on average.</summary>
    public double Regret(double x, double y, int arm) => (IsRim(x, y) ? Jackpot : Safe) - Reward(x, y, arm).Mean;

    private static int Quadrant(double x, double y) => (x > 0 ? 0 : 2) + (y > 0 ? 0 : 1);

    private bool IsRim(double x, double y) => (x * x) + (y * y) >= Delta * Delta;
}
