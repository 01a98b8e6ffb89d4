using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>One measurement: how far a machine swings at an angle of its shaft.</summary>
internal sealed class Measurement
{
    public string Machine { get; set; } = "";

    [VectorType(1)]
    [ColumnName("Features")]
    public float[] Angle { get; set; } = [];

    [ColumnName("Label")]
    public float Swing { get; set; }
}

/// <summary>
/// A machine swings by strength · sin(angle + timing). Each machine has its own strength in [0.1, 5] and timing in [0, π].
/// </summary>
/// <remarks>This is the sine task of few-shot learning (Finn et al., 2017): predict all measurements of a new machine from a few.</remarks>
internal sealed record Machine(string Name, double Strength, double Timing)
{
    public static IReadOnlyList<Machine> Build(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(1, count).Select(
            i => new Machine($"machine {i}", 0.1 + (4.9 * random.NextDouble()), Math.PI * random.NextDouble()))];
    }

    public double Swing(double angle) => Strength * Math.Sin(angle + Timing);

    /// <summary>Measurements at random angles between −5 and 5.</summary>
    public IEnumerable<Measurement> Measure(int count, Random random) =>
        Enumerable.Range(0, count).Select(_ => At(-5 + (10 * random.NextDouble())));

    public Measurement At(double angle) => new() { Machine = Name, Angle = [(float)angle], Swing = (float)Swing(angle) };

    /// <summary>The history of a fleet: some measurements of every machine.</summary>
    public static IDataView Log(MLContext ml, IEnumerable<Machine> machines, int measurements, int seed)
    {
        var random = new Random(seed);
        return ml.Data.LoadFromEnumerable(machines.SelectMany(m => m.Measure(measurements, random)).ToArray());
    }
}
