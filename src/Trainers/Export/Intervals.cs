using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Export;

/// <summary>
/// Prediction intervals of a regression: the half-width of an output's interval is qₒ · n^b · r^c · (1 + d)^e, with n support rows, r the
/// root mean square error on them after adaptation (at least <see cref="SmallestResidual"/>), and d the root mean square distance of a
/// query's features from the mean of the support's; everything standardised.
/// </summary>
/// <remarks>
/// The exponents say how errors grow, and qₒ, a quantile of |error| / (n^b · r^c · (1 + d)^e) on validation tasks, makes the coverage:
/// split conformal prediction with a normalised score (Papadopoulos et al., 2008).
/// </remarks>
/// <param name="Coverage">The share of targets that the intervals hold, in (0, 1).</param>
/// <param name="RowExponent">b.</param>
/// <param name="ResidualExponent">c, at least 0.</param>
/// <param name="DistanceExponent">e, at least 0.</param>
/// <param name="Factors">qₒ of each output.</param>
/// <param name="Unadapted">
/// Before any adaptation the half-width is uₒ · (1 + d)^e, with d the distance from the mean of the meta-training rows.
/// </param>
/// <param name="FewestRows">The smallest n that it was fitted to; smaller ones are taken for it.</param>
/// <param name="MostRows">The largest; larger ones are taken for it.</param>
internal sealed record Intervals(
    double Coverage, double RowExponent, double ResidualExponent, double DistanceExponent, ImmutableArray<float> Factors,
    ImmutableArray<float> Unadapted, int FewestRows, int MostRows)
{
    /// <summary>A network that passes through all of a few rows knows nothing the better for it.</summary>
    public const double SmallestResidual = 0.05;

    /// <summary>The half-width of an output's interval, in standard deviations of the targets.</summary>
    public double HalfWidth(int output, int rows, double residual, double distance) =>
        Factors[output] * Math.Exp(LogScale(rows, residual, distance));

    private double LogScale(int rows, double residual, double distance) =>
        (RowExponent * Math.Log(Math.Clamp(rows, FewestRows, MostRows)))
        + (ResidualExponent * Math.Log(Math.Max(residual, SmallestResidual)))
        + (DistanceExponent * Math.Log(1 + distance));
}
