using MLNetMeta.Trainers.Export;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>Fits prediction intervals to the errors of validation tasks.</summary>
/// <remarks>
/// The exponents are those of the likeliest Laplace distribution, whose scale is n^b · r^c · (1 + d)^e: a convex problem. The factors are
/// quantiles of the errors in units of that scale. Every episode counts as much as any other, however many rows it has.
/// </remarks>
/// <param name="coverage">The share of targets that the intervals are to hold, in (0, 1).</param>
/// <param name="outputs">Targets of a row.</param>
internal sealed class IntervalFitter(double coverage, int outputs)
{
    private const int Sweeps = 100;

    // A tail of a few errors that no exponent explains is the quantile's business.
    private const double SmallestError = 1e-6;
    private const double LargestExponent = 4;

    private readonly List<Error> _errors = [];

    private sealed record Error(int Output, double Size, double Unadapted, double Weight, int Rows, double Residual, double Distance,
        double UnadaptedDistance);

    /// <summary>Adds what was predicted of an episode's query rows; everything standardised, NaN where a target is missing.</summary>
    /// <param name="errors"><c>[rows, outputs]</c>: predictions − targets.</param>
    /// <param name="unadapted">The same of the predictions before adaptation.</param>
    /// <param name="supportRows">How many rows it was learned from.</param>
    /// <param name="residuals">Root mean square error on the support rows after adaptation, of each output.</param>
    /// <param name="distances">Of each row to the mean of the support rows: root mean square over features.</param>
    /// <param name="unadaptedDistances">Of each row to the mean of all rows.</param>
    public void Add(
        float[] errors, float[] unadapted, int supportRows, double[] residuals, double[] distances, double[] unadaptedDistances)
    {
        var weight = 1.0 / distances.Length;
        for (var i = 0; i < errors.Length; i++)
        {
            if (float.IsFinite(errors[i]) && float.IsFinite(unadapted[i]))
            {
                _errors.Add(new(
                    i % outputs, Math.Max(Math.Abs(errors[i]), SmallestError), Math.Abs(unadapted[i]), weight, supportRows,
                    Math.Max(residuals[i % outputs], Intervals.SmallestResidual), distances[i / outputs],
                    unadaptedDistances[i / outputs]));
            }
        }
    }

    /// <summary>The intervals; null where an output has no errors to fit them to.</summary>
    public Intervals? Fit()
    {
        var byOutput = Enumerable.Range(0, outputs).Select(output => _errors.Where(e => e.Output == output).ToArray()).ToArray();
        if (byOutput.Any(errors => errors.Length == 0))
        {
            return null;
        }

        var (fewest, most) = (_errors.Min(e => e.Rows), _errors.Max(e => e.Rows));
        var exponents = Exponents();
        var scale = new Intervals(
            coverage, exponents[0], exponents[1], exponents[2], [.. Enumerable.Repeat(1f, outputs)], [], fewest, most);
        return scale with
        {
            Factors = [.. byOutput.Select((errors, output) => (float)Quantile(
                errors.Select(e => (e.Size / scale.HalfWidth(output, e.Rows, e.Residual, e.Distance), e.Weight))))],
            Unadapted = [.. byOutput.Select(errors => (float)Quantile(
                errors.Select(e => (e.Unadapted / Math.Pow(1 + e.UnadaptedDistance, scale.DistanceExponent), e.Weight))))],
        };
    }

    /// <summary>b, c and e by Newton steps, one coordinate after the other; each output has a level of its own besides.</summary>
    private double[] Exponents()
    {
        double[][] columns =
        [
            Centred(e => Math.Log(e.Rows)), Centred(e => Math.Log(e.Residual)), Centred(e => Math.Log(1 + e.Distance)),
        ];
        var (exponents, levels, logScale) = (new double[columns.Length], new double[outputs], new double[_errors.Count]);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var output = 0; output < outputs; output++)
            {
                var of = output;
                Move(ref levels[output], i => _errors[i].Output == of ? 1 : 0, double.NegativeInfinity, double.PositiveInfinity);
            }

            for (var j = 0; j < columns.Length; j++)
            {
                var column = columns[j];
                Move(ref exponents[j], i => column[i], j == 0 ? -LargestExponent : 0, LargestExponent);
            }
        }

        return exponents;

        // Of Σ w · (log s + |error| / s), where log s is linear in the parameter.
        void Move(ref double parameter, Func<int, double> of, double least, double most)
        {
            var (slope, curvature) = (0.0, 0.0);
            for (var i = 0; i < logScale.Length; i++)
            {
                var (x, error) = (of(i), _errors[i]);
                var relative = error.Size * Math.Exp(-logScale[i]);
                slope += error.Weight * x * (1 - relative);
                curvature += error.Weight * x * x * relative;
            }

            if (curvature <= 0)
            {
                return;
            }

            var moved = Math.Clamp(parameter + Math.Clamp(-slope / curvature, -1, 1), least, most);
            for (var i = 0; i < logScale.Length; i++)
            {
                logScale[i] += (moved - parameter) * of(i);
            }

            parameter = moved;
        }
    }

    private double[] Centred(Func<Error, double> of)
    {
        var mean = _errors.Average(of);
        return [.. _errors.Select(e => of(e) - mean)];
    }

    /// <summary>The smallest value that at least the coverage's share of all weight does not exceed.</summary>
    private double Quantile(IEnumerable<(double Value, double Weight)> values)
    {
        var ordered = values.OrderBy(v => v.Value).ToArray();
        var rest = coverage * ordered.Sum(v => v.Weight);
        foreach (var (value, weight) in ordered)
        {
            rest -= weight;
            if (rest <= 0)
            {
                return value;
            }
        }

        return ordered[^1].Value;
    }
}
