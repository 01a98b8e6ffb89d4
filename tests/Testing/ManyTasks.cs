using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Testing;

/// <summary>Many small related tasks in one table, as meta-training reads them; the same for the same seed.</summary>
internal static class ManyTasks
{
    internal sealed class Row
    {
        public string Task { get; set; } = "";

        public float[] Features { get; set; } = [];

        /// <summary>The target of a regression.</summary>
        public float Label { get; set; }

        /// <summary>Two targets of a regression.</summary>
        public float[] Labels { get; set; } = [];

        /// <summary>The class.</summary>
        public string Class { get; set; } = "";
    }

    /// <summary>y = A sin(x + p) and A cos(x + p) with A ~ U[0.1, 5], p ~ U[0, π], x ~ U[−5, 5]; a class per sign of y and of its slope;
    /// the second feature says nothing.</summary>
    public static Row[] Sinusoids(int tasks, Func<int, int> rowsOf, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, tasks).SelectMany(t =>
        {
            var (amplitude, phase) = (0.1 + (4.9 * random.NextDouble()), Math.PI * random.NextDouble());
            return Enumerable.Range(0, rowsOf(t)).Select(_ =>
            {
                var x = (10 * random.NextDouble()) - 5;
                var (sine, cosine) = (amplitude * Math.Sin(x + phase), amplitude * Math.Cos(x + phase));
                return new Row
                {
                    Task = $"machine {t}",
                    Features = [(float)x, (float)random.NextDouble()],
                    Label = (float)sine,
                    Labels = [(float)sine, (float)cosine],
                    Class = sine > 0 ? cosine > 0 ? "rising" : "falling" : "below",
                };
            }).ToArray();
        })];
    }

    public static Row[] Sinusoids(int tasks, int rows, int seed = 1) => Sinusoids(tasks, _ => rows, seed);

    /// <summary>Columns Task, Features, Label, Labels, Class (text) and Key (the class as a key).</summary>
    public static IDataView View(MLContext ml, IReadOnlyList<Row> rows)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType =
            new VectorDataViewType(NumberDataViewType.Single, rows.Count > 0 ? rows[0].Features.Length : 2);
        schema[nameof(Row.Labels)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        var view = ml.Data.LoadFromEnumerable(rows, schema);
        var keys = ml.Data.LoadFromEnumerable(new[] { "below", "falling", "rising" }.Select(c => new KeyRow { Class = c }));
        return ml.Transforms.Conversion.MapValueToKey("Key", nameof(Row.Class), keyData: keys).Fit(view).Transform(view);
    }

    private sealed class KeyRow
    {
        public string Class { get; set; } = "";
    }
}
