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
    public static Standardization Fit(float[] values, int width, CancellationToken cancellation = default)
    {
        var (mean, scale) = (new float[width], new float[width]);
        for (var column = 0; column < width; column++)
        {
            cancellation.ThrowIfCancellationRequested();
            // Two passes in double: values far from 0 keep their variance.
            double sum = 0, squares = 0;
            var rows = 0;
            for (var i = column; i < values.Length; i += width)
            {
                if (!float.IsNaN(values[i]))
                {
                    sum += values[i];
                    rows++;
                }
            }

            var centre = rows > 0 ? sum / rows : 0;
            for (var i = column; i < values.Length; i += width)
            {
                if (!float.IsNaN(values[i]))
                {
                    var distance = values[i] - centre;
                    squares += distance * distance;
                }
            }

            var deviation = Math.Sqrt(squares / Math.Max(rows, 1));
            mean[column] = (float)centre;
            // What is below float32's resolution of the mean is rounding, not variation.
            scale[column] = deviation > 1e-7 * Math.Abs(centre) ? (float)deviation : 1;
        }

        return new Standardization(mean, scale);
    }

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
