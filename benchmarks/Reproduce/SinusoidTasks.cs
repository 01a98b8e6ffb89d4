using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;

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

    /// <summary>Where the plotted task is predicted.</summary>
    public static IReadOnlyList<double> Axis { get; } = [.. Enumerable.Range(0, 101).Select(i => -5 + (0.1 * i))];

    /// <summary>The plotted task: A = 3, p = 1, the same 10 rows for every method.</summary>
    public static (IReadOnlyList<(double X, double Y)> Support, IReadOnlyList<(double X, double Y)> Truth) Picture()
    {
        var random = new Random(5);
        return ([.. Enumerable.Range(0, 10).Select(_ => Point(-5 + (10 * random.NextDouble())))], [.. Axis.Select(Point)]);

        static (double X, double Y) Point(double x) => (x, 3 * Math.Sin(x + 1));
    }

    /// <summary>A learner's predictions on the plotted task.</summary>
    public static float[] Picture(MLContext ml, Learner learner)
    {
        var support = Picture().Support.Select(p => new Row { Features = [(float)p.X], Label = (float)p.Y });
        var query = Axis.Select(x => new Row { Features = [(float)x] });
        using var model = ml.MetaLearning().FewShot(learner).Fit(ml.Data.LoadFromEnumerable(support));
        return [.. model.Transform(ml.Data.LoadFromEnumerable(query)).GetColumn<float>("Score")];
    }
}
