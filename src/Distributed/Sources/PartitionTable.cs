using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Distributed.Sources;

/// <summary>The rows of a partition in memory, as a view.</summary>
internal sealed class PartitionTable(string task, string label, string? weight, int features, int labels)
{
    private int _count;

    public required LabelType LabelKind { get; init; }

    public string[] Tasks = [];
    public string[] Classes = [];

    /// <summary><c>[rows, features]</c>, row-major.</summary>
    public float[] Features = [];

    /// <summary><c>[rows, labels]</c>, row-major; a Boolean is 0 or 1.</summary>
    public float[] Labels = [];
    public float[] Weights = [];

    /// <summary>Makes room for more rows.</summary>
    /// <returns>Number of the first of them.</returns>
    public int Add(int rows)
    {
        var first = _count;
        _count += rows;
        Array.Resize(ref Tasks, _count);
        Array.Resize(ref Features, _count * features);
        if (LabelKind == LabelType.Text)
        {
            Array.Resize(ref Classes, _count);
        }
        else
        {
            Array.Resize(ref Labels, _count * labels);
        }

        if (weight is not null)
        {
            Array.Resize(ref Weights, _count);
        }

        return first;
    }

    /// <summary>Puts a column among the elements of rows.</summary>
    public static void Spread(float[] column, float[] rows, int first, int element, int width)
    {
        for (var row = 0; row < column.Length; row++)
        {
            rows[((first + row) * width) + element] = column[row];
        }
    }

    public IDataView ToView(MLContext context)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        var labelMember = LabelKind switch
        {
            LabelType.Text => nameof(Row.Class),
            LabelType.Boolean => nameof(Row.IsTrue),
            _ when labels == 1 => nameof(Row.Target),
            _ => nameof(Row.Targets),
        };
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        schema[nameof(Row.Targets)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, labels);
        var names = new Dictionary<string, string>
        {
            [nameof(Row.Task)] = task, [nameof(Row.Features)] = PartitionFiles.Features, [labelMember] = label,
        };
        if (weight is not null)
        {
            names.Add(nameof(Row.Weight), weight);
        }

        schema.RemoveAll(column => !names.ContainsKey(column.MemberName));
        schema.ForEach(column => column.ColumnName = names[column.MemberName]);
        return context.Data.LoadFromEnumerable(Enumerable.Range(0, _count).Select(RowOf), schema);
    }

    private Row RowOf(int row) => new()
    {
        Task = Tasks[row],
        Features = Features.AsSpan(row * features, features).ToArray(),
        Class = LabelKind == LabelType.Text ? Classes[row] : "",
        IsTrue = LabelKind == LabelType.Boolean && Labels[row] != 0,
        Target = LabelKind == LabelType.Number && labels == 1 ? Labels[row] : 0,
        Targets = LabelKind == LabelType.Number && labels > 1 ? Labels.AsSpan(row * labels, labels).ToArray() : [],
        Weight = weight is null ? 1 : Weights[row],
    };

    private sealed class Row
    {
        public string Task { get; set; } = "";

        public float[] Features { get; set; } = [];

        public string Class { get; set; } = "";

        public bool IsTrue { get; set; }

        public float Target { get; set; }

        public float[] Targets { get; set; } = [];

        public float Weight { get; set; }
    }
}
