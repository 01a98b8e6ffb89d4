using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>One recording of a gesture by a smartwatch: 16 samples of its motion sensor.</summary>
internal sealed class Recording
{
    public string Gesture { get; set; } = "";

    [VectorType(Gestures.Samples)]
    [ColumnName("Features")]
    public float[] Motion { get; set; } = [];
}

/// <summary>The prediction for a recording.</summary>
internal sealed class Recognition
{
    [ColumnName("PredictedLabel")]
    public string Gesture { get; set; } = "";
}

/// <summary>
/// Gestures that users invent. A gesture is a curve of three harmonics. Every recording has a different vigour, start, offset and tilt of
/// the arm. So two recordings of the same gesture can be further apart than recordings of two gestures. What recordings of a gesture have
/// in common must be learned from other gestures.
/// </summary>
internal static class Gestures
{
    public const int Samples = 16;

    public static IReadOnlyList<Recording> Record(int gestures, int recordings, int seed)
    {
        var random = new Random(seed);
        var rows = new List<Recording>();
        for (var g = 1; g <= gestures; g++)
        {
            double[] curve = [.. Enumerable.Range(0, 6).Select(_ => random.NextNormal())];
            rows.AddRange(
                Enumerable.Range(0, recordings).Select(_ => new Recording { Gesture = $"gesture {g}", Motion = Perform(curve, random) }));
        }

        return rows;
    }

    private static float[] Perform(double[] curve, Random random)
    {
        var (vigour, start, offset, tilt) = (
            Math.Exp(0.35 * random.NextNormal()), 0.25 * random.NextNormal(), random.NextNormal(), 1.5 * random.NextNormal());
        return [.. Enumerable.Range(0, Samples).Select(i =>
        {
            var time = i / (Samples - 1.0);
            var motion = Enumerable.Range(1, 3).Sum(k =>
                (curve[(2 * k) - 2] * Math.Sin(k * ((2 * Math.PI * time) + start)))
                    + (curve[(2 * k) - 1] * Math.Cos(k * ((2 * Math.PI * time) + start))));
            return (float)((vigour * motion) + offset + (tilt * (time - 0.5)) + (0.2 * random.NextNormal()));
        })];
    }
}
