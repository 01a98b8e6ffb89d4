using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Learns the standardisation of the meta-training rows and applies it; the learner file carries it.</summary>
internal static class Standardizer
{
    /// <summary>
    /// Mean and standard deviation of each column of <c>[rows, width]</c>; a column that never
    /// varies keeps scale 1. Missing values (NaN) are left out.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled between two columns.</exception>
    public static Standardization Fit(float[] values, int width, CancellationToken cancellation = default) =>
        Of(Moments(values, width, cancellation));

    /// <summary>Exact sums of each column of <c>[rows, width]</c>: those of parts of the rows add up to those of all.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two columns.</exception>
    public static ExactSum.Moments[] Moments(float[] values, int width, CancellationToken cancellation = default)
    {
        var moments = new ExactSum.Moments[width];
        for (var column = 0; column < width; column++)
        {
            cancellation.ThrowIfCancellationRequested();
            var sum = new ExactSum();
            for (var i = column; i < values.Length; i += width)
            {
                sum.Add(values[i]);
            }

            moments[column] = sum.ToMoments();
        }

        return moments;
    }

    /// <summary>The standardisation of columns with these sums.</summary>
    public static Standardization Of(ExactSum.Moments[] columns) => new(
        Array.ConvertAll(columns, column => (float)column.Mean),
        // What is below float32's resolution of the mean is rounding, not variation.
        Array.ConvertAll(columns, column =>
            column.Deviation is var deviation && deviation > 1e-7 * Math.Abs(column.Mean) ? (float)deviation : 1));

    /// <summary>Mean 0 and scale 1: leaves values as they are.</summary>
    public static Standardization Identity(int width) => new(new float[width], [.. Enumerable.Repeat(1f, width)]);

    /// <summary>Replaces raw values by standardised ones.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two rows, some of which have been replaced.</exception>
    public static void ApplyInPlace(Standardization by, float[] values, CancellationToken cancellation = default)
    {
        var width = by.Mean.Length;
        for (var start = 0; start < values.Length; start += width)
        {
            cancellation.ThrowIfCancellationRequested();
            var row = values.AsSpan(start, width);
            for (var column = 0; column < width; column++)
            {
                row[column] = (row[column] - by.Mean[column]) / by.Scale[column];
            }
        }
    }
}
