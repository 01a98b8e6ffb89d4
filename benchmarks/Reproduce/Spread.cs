namespace MLNetMeta.Reproduce;

/// <summary>The mean of a few independent runs and half the width of its 95 % interval, by Student's t.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="Interval">Half the width; NaN for a single run.</param>
internal sealed record Spread(double Mean, double Interval)
{
    /// <summary>97.5 % quantiles of Student's distribution with 1, 2, … degrees of freedom; beyond, the last is a little wide.</summary>
    private static readonly double[] _quantiles =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101,
        2.093,
    ];

    public static Spread Of(IReadOnlyList<double> runs)
    {
        var mean = runs.Average();
        if (runs.Count < 2)
        {
            return new Spread(mean, double.NaN);
        }

        var deviation = Math.Sqrt(runs.Sum(r => (r - mean) * (r - mean)) / (runs.Count - 1));
        return new Spread(mean, _quantiles[Math.Min(runs.Count - 2, _quantiles.Length - 1)] * deviation / Math.Sqrt(runs.Count));
    }

    public override string ToString() =>
        double.IsNaN(Interval) ? FormattableString.Invariant($"{Mean:G3}") : FormattableString.Invariant($"{Mean:G3} ± {Interval:G2}");
}
