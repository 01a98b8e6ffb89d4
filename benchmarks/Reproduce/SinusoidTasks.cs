using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Reproduce;

/// <summary>y = A sin(x + p), A ~ U[0.1, 5], p ~ U[0, π], x ~ U[−5, 5]: the sinusoids of Finn et al. (2017).</summary>
internal static class SinusoidTasks
{
    internal sealed class Row
    {
        public float Task { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    public static IDataView Draw(MLContext ml, int tasks, int rowsPerTask, int seed)
    {
        var random = new Random(seed);
        var rows = new List<Row>(tasks * rowsPerTask);
        for (var task = 0; task < tasks; task++)
        {
            var (amplitude, phase) = (0.1 + (4.9 * random.NextDouble()), Math.PI * random.NextDouble());
            for (var i = 0; i < rowsPerTask; i++)
            {
                var x = -5 + (10 * random.NextDouble());
                rows.Add(new Row { Task = task, Features = [(float)x], Label = (float)(amplitude * Math.Sin(x + phase)) });
            }
        }

        return ml.Data.LoadFromEnumerable(rows);
    }
}
