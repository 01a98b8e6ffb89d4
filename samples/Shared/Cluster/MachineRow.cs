using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>A measurement of a machine.</summary>
internal sealed class MachineRow
{
    /// <summary>Number of measurements in a row.</summary>
    public const int Inputs = 16;

    /// <summary>The machine.</summary>
    public string Task { get; set; } = "";

    /// <summary>The value to predict.</summary>
    public float Label { get; set; }

    /// <summary>The measurements.</summary>
    [VectorType(Inputs)]
    public float[] Features { get; set; } = [];

    /// <summary>Generates machines, each with its own slope for each measurement. The same seed gives the same machines.</summary>
    public static IEnumerable<MachineRow> Generate(int machines, int rows, int seed = 1)
    {
        var random = new Random(seed);
        for (var machine = 0; machine < machines; machine++)
        {
            var name = FormattableString.Invariant($"machine {machine}");
            double[] slopes = [.. Enumerable.Range(0, Inputs).Select(_ => random.NextNormal())];
            for (var row = 0; row < rows; row++)
            {
                float[] x = [.. slopes.Select(_ => (float)random.NextNormal())];
                yield return new MachineRow
                {
                    Task = name, Features = x, Label = (float)x.Zip(slopes, (value, slope) => Math.Tanh(value) * slope).Sum(),
                };
            }
        }
    }
}
