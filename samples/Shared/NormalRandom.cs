namespace MLNetMeta.Samples;

/// <summary>Normally distributed numbers.</summary>
internal static class NormalRandom
{
    /// <summary>A number from N(0, 1) (Box and Muller, 1958).</summary>
    public static double NextNormal(this Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
