namespace MLNetMeta.Samples;

/// <summary>A simulated shop; replace it by your own. Which offer a visitor accepts depends on the hour, the basket and the shop.</summary>
/// <param name="Shift">By how many hours its customers come later than the customers of other shops.</param>
/// <param name="Tastes">How popular each offer is in this shop.</param>
internal sealed record Shop(double Shift, double[] Tastes)
{
    /// <summary>The possible offers: the arms of the bandit.</summary>
    public static string[] Offers { get; } = ["breakfast", "lunch", "coffee", "dinner"];

    /// <summary>
    /// Number of elements of a context: the hour over 24, the basket over 100, and whether the visitor has been there before.
    /// </summary>
    public const int ContextLength = 3;

    private static readonly double[] _hours = [8, 13, 16, 20];

    private static readonly double[] _margins = [3, 6, 2.5, 8];

    public static Shop Open(Random random) =>
        new((6 * random.NextDouble()) - 3, [.. Offers.Select(_ => 0.4 + (1.2 * random.NextDouble()))]);

    /// <summary>A visitor.</summary>
    public static float[] Visit(Random random) =>
        [(float)(6 + (18 * random.NextDouble())) / 24, (float)random.NextDouble(), random.Next(2)];

    /// <summary>The average earnings of an offer for visitors with this context.</summary>
    public double Expected(float[] context, int offer)
    {
        var late = (24 * context[0]) - _hours[offer] - Shift;
        var appetite = Math.Exp(-late * late / 18);
        return _margins[offer] * Tastes[offer] * appetite * (0.6 + (0.4 * context[1])) * (offer == 2 && context[2] > 0 ? 1.5 : 1);
    }

    /// <summary>The earnings of an offer this time.</summary>
    public float Earn(float[] context, int offer, Random random) => (float)(Expected(context, offer) * (0.5 + random.NextDouble()));
}
