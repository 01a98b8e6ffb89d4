namespace MLNetMeta.Trainers.Operators;

/// <summary>Normally distributed numbers.</summary>
internal static class NormalRandom
{
    /// <summary>A number from N(0, 1), of two uniform ones (Box and Muller, 1958).</summary>
    // 1 − u is never 0, which keeps the logarithm finite.
    public static double NextNormal(this Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
