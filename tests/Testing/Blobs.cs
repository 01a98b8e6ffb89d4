using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Testing;

/// <summary>Small tasks for tests: a cloud of rows around one point per class, or a linear function; the same for the same seed.</summary>
internal static class Blobs
{
    /// <summary>A row of a classification task.</summary>
    internal sealed class Row
    {
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }

    /// <summary>A row of a regression task.</summary>
    internal sealed class TargetRow
    {
        public float[] Features { get; set; } = [];

        public float[] Label { get; set; } = [];
    }

    /// <summary><paramref name="perClass"/> rows of each label, interleaved; clouds are well apart.</summary>
    public static Row[] Classes(IReadOnlyList<string> labels, int perClass, int features = 2, int seed = 1)
    {
        var random = new Random(seed);
        var centres = labels
            .Select(_ => Enumerable.Range(0, features).Select(_ => (float)(random.NextDouble() * 8 - 4)).ToArray())
            .ToArray();
        return [.. Enumerable.Range(0, perClass * labels.Count).Select(i => new Row
        {
            Label = labels[i % labels.Count],
            Features = [.. centres[i % labels.Count].Select(centre => centre + (float)random.NextDouble() - 0.5f)],
        })];
    }

    /// <summary>Output o of a row is Σᵢ (i + o + 1)·xᵢ − o.</summary>
    public static TargetRow[] Targets(int rows, int features = 2, int outputs = 1, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var x = Enumerable.Range(0, features).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            var y = Enumerable.Range(0, outputs).Select(o => x.Select((value, i) => (i + o + 1) * value).Sum() - o);
            return new TargetRow { Features = x, Label = [.. y] };
        })];
    }

    /// <summary>A view with Features as a vector of known length and Label as text.</summary>
    public static IDataView View(MLContext ml, IEnumerable<Row> rows, int features = 2)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return ml.Data.LoadFromEnumerable(rows, schema);
    }

    /// <summary>The same with Label as a key, as trainers need it; keys in the order of the labels' first rows.</summary>
    public static IDataView KeyedView(MLContext ml, IEnumerable<Row> rows, int features = 2)
    {
        var view = View(ml, rows, features);
        return ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
    }

    /// <summary>A view with Features and Label as vectors of known length.</summary>
    public static IDataView View(MLContext ml, IEnumerable<TargetRow> rows, int features = 2, int outputs = 1)
    {
        var schema = SchemaDefinition.Create(typeof(TargetRow));
        schema[nameof(TargetRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        schema[nameof(TargetRow.Label)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, outputs);
        return ml.Data.LoadFromEnumerable(rows, schema);
    }
}
