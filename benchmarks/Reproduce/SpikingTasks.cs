using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Reproduce;

/// <summary>
/// The sinusoids of <see cref="SinusoidTasks"/>, their inputs as spikes: drawn anew for every row, as in the paper's section 5.4.
/// </summary>
internal static class SpikingTasks
{
    public const int Steps = 20;

    public const int Neurons = 100;

    /// <summary>Variance of a tuning curve, as a fraction of the range.</summary>
    private const double Variance = 2e-4;

    internal sealed class Row
    {
        public float Task { get; set; }

        /// <summary>Spikes, time step by time step.</summary>
        [VectorType(Steps * Neurons)]
        public float[] Features { get; set; } = [];

        public float X { get; set; }

        public float Label { get; set; }
    }

    /// <summary>Rows that are computed whenever they are read: the same ones each time.</summary>
    public static IDataView Draw(MLContext ml, int tasks, int rowsPerTask, int seed) =>
        ml.Data.LoadFromEnumerable(Rows(tasks, rowsPerTask, seed));

    public static IEnumerable<Row> Rows(int tasks, int rowsPerTask, int seed)
    {
        var random = new Random(seed);
        for (var task = 0; task < tasks; task++)
        {
            var (amplitude, phase) = (0.1 + (4.9 * random.NextDouble()), Math.PI * random.NextDouble());
            for (var i = 0; i < rowsPerTask; i++)
            {
                var x = -5 + (10 * random.NextDouble());
                yield return new Row
                {
                    Task = task, X = (float)x, Features = Spikes(x, random), Label = (float)(amplitude * Math.Sin(x + phase)),
                };
            }
        }
    }

    /// <summary>Each neuron fires with a probability that falls with the distance of its centre from (x + 5) / 10.</summary>
    public static float[] Spikes(double x, Random random)
    {
        var rates = Enumerable.Range(0, Neurons).Select(n => (double)n / (Neurons - 1) - ((x + 5) / 10)).Select(
            d => Math.Exp(-d * d / (2 * Variance))).ToArray();
        var spikes = new float[Steps * Neurons];
        for (var i = 0; i < spikes.Length; i++)
        {
            spikes[i] = random.NextDouble() < rates[i % Neurons] ? 1 : 0;
        }

        return spikes;
    }
}
