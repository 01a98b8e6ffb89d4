using System.Numerics.Tensors;
using MLNetMeta.Trainers.Export;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>Fits the temperature of probabilities to tasks: the lowest mean log-loss.</summary>
internal sealed class Calibrator
{
    // Of a and b around 0: exp(±2) is more than a classifier is ever off, and each level of the search is four times as fine.
    private const double WidthOfIntercept = 2;
    private const double WidthOfSlope = 0.5;
    private const int Levels = 5;
    private const int PointsToASide = 4;
    private const double SmallestProbability = 1e-12;

    private readonly List<(float[] LogProbabilities, int Class, int SupportRows)> _rows = [];

    /// <summary>Adds the query rows of a task.</summary>
    /// <param name="probabilities"><c>[rows, classes]</c>, row-major, of temperature 1.</param>
    /// <param name="classes">The class of each row.</param>
    /// <param name="supportRows">How many rows the task was learned from.</param>
    public void Add(float[] probabilities, int[] classes, int supportRows)
    {
        var width = probabilities.Length / classes.Length;
        for (var i = 0; i < classes.Length; i++)
        {
            var row = probabilities.AsSpan(i * width, width).ToArray();
            if (Array.TrueForAll(row, float.IsFinite))
            {
                _rows.Add((Array.ConvertAll(row, p => (float)Math.Log(Math.Max(p, SmallestProbability))), classes[i], supportRows));
            }
        }
    }

    /// <summary>The best temperature; null where there is nothing to fit it to.</summary>
    public Calibration? Fit()
    {
        if (_rows.Count == 0)
        {
            return null;
        }

        var (fewest, most) = (_rows.Min(row => row.SupportRows), _rows.Max(row => row.SupportRows));
        var best = new Calibration(0, 0, fewest, most);
        var lowest = MeanLogLoss(best);
        for (var (level, scale) = (0, 1.0); level < Levels; level++, scale /= PointsToASide)
        {
            var centre = best;
            for (var i = -PointsToASide; i <= PointsToASide; i++)
            {
                for (var j = -PointsToASide; j <= PointsToASide; j++)
                {
                    if (j != 0 && fewest == most)
                    {
                        continue; // One number of rows says nothing of others.
                    }

                    // Steep in n without changing what holds in the middle of the range: the two are fitted nearly apart.
                    var slope = centre.Slope + (scale * WidthOfSlope * j / PointsToASide);
                    var middle = (Math.Log(fewest) + Math.Log(most)) / 2;
                    var intercept = centre.Intercept + (scale * WidthOfIntercept * i / PointsToASide) - ((slope - centre.Slope) * middle);
                    var candidate = centre with { Intercept = intercept, Slope = slope };
                    var loss = MeanLogLoss(candidate);
                    if (loss < lowest)
                    {
                        (best, lowest) = (candidate, loss);
                    }
                }
            }
        }

        return best;
    }

    /// <summary>The mean log-loss of the rows at a temperature.</summary>
    public double MeanLogLoss(Calibration calibration)
    {
        var sum = 0.0;
        var logits = new float[_rows.Max(row => row.LogProbabilities.Length)];
        foreach (var row in _rows)
        {
            var scaled = logits.AsSpan(0, row.LogProbabilities.Length);
            TensorPrimitives.Multiply(row.LogProbabilities, (float)(1 / calibration.Temperature(row.SupportRows)), scaled);
            var ofClass = scaled[row.Class];
            // The largest logarithm of a probability is near 0 already: nothing overflows.
            TensorPrimitives.Exp(scaled, scaled);
            sum += Math.Log(TensorPrimitives.Sum<float>(scaled)) - ofClass;
        }

        return sum / _rows.Count;
    }
}
