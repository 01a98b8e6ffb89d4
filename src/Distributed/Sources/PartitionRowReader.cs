using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Transforms.Columns;
using Parquet.Schema;

namespace MLNetMeta.Distributed.Sources;

/// <summary>Reads rows of a view one after the other, as they are written to a file.</summary>
internal sealed class PartitionRowReader : IDisposable
{
    private readonly DataViewRowCursor _cursor;
    private readonly GroupReader _tasks;
    private readonly List<Action> _readers = [];
    private float[] _numbers = [];
    private ReadOnlyMemory<char> _class;
    private bool _isTrue;

    public PartitionRowReader(IDataView view, string task, string label, string features, string? weight)
    {
        var isKey = Column(label).Type is KeyDataViewType;
        if (isKey)
        {
            view = Column(label).HasKeyValues() ? KeyTexts(view, label) : throw ClusterThrow.KeysWithoutNames(label);
        }

        var names = weight is null ? new[] { task, label, features } : [task, label, features, weight];
        DataViewSchema.Column[] columns = Array.ConvertAll(names, Column);
        _cursor = view.GetRowCursor(columns);
        _tasks = GroupReader.Create(_cursor, columns[0]);
        List<Field> fields = [new DataField<string>(task, false)];
        LabelType = columns[1].Type switch
        {
            TextDataViewType => LabelType.Text,
            BooleanDataViewType => LabelType.Boolean,
            _ => LabelType.Number,
        };
        if (LabelType == LabelType.Text)
        {
            var getter = _cursor.GetGetter<ReadOnlyMemory<char>>(columns[1]);
            _readers.Add(() => getter(ref _class));
            fields.Add(new DataField<string>(label, false));
        }
        else if (LabelType == LabelType.Boolean)
        {
            var getter = _cursor.GetGetter<bool>(columns[1]);
            _readers.Add(() => getter(ref _isTrue));
            fields.Add(new DataField<bool>(label, false));
        }
        else
        {
            AddNumbers(columns[1], fields);
        }

        foreach (var column in columns[2..])
        {
            AddNumbers(column, fields);
        }

        FileSchema = new ParquetSchema(fields);

        DataViewSchema.Column Column(string name) => view.Schema.GetColumnOrNull(name)
            ?? throw ClusterThrow.NoColumn("the view", name, [.. view.Schema.Select(column => column.Name)]);
    }

    public ParquetSchema FileSchema { get; }

    public LabelType LabelType { get; }

    public string Task { get; private set; } = "";

    public string Class => _class.ToString();

    public bool IsTrue => _isTrue;

    /// <summary>All columns of numbers, in their order.</summary>
    public ReadOnlySpan<float> Numbers => _numbers;

    public bool MoveNext()
    {
        if (!_cursor.MoveNext())
        {
            return false;
        }

        Task = _tasks.Names[_tasks.Next()];
        foreach (var read in _readers)
        {
            read();
        }

        return true;
    }

    public void Dispose() => _cursor.Dispose();

    private static IDataView KeyTexts(IDataView view, string label) =>
        new MLContext().Transforms.Conversion.MapKeyToValue(label).Fit(view).Transform(view);

    private void AddNumbers(DataViewSchema.Column column, List<Field> fields)
    {
        var first = _numbers.Length;
        if (column.Type == NumberDataViewType.Single)
        {
            Array.Resize(ref _numbers, first + 1);
            fields.Add(new DataField<float>(column.Name, false));
            var getter = _cursor.GetGetter<float>(column);
            _readers.Add(() => getter(ref _numbers[first]));
        }
        else if (column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single)
        {
            Array.Resize(ref _numbers, first + vector.Size);
            fields.AddRange(
                Enumerable.Range(0, vector.Size).Select(i => new DataField<float>(FileColumns.ElementName(column.Name, i), false)));
            var getter = _cursor.GetGetter<VBuffer<float>>(column);
            var values = default(VBuffer<float>);
            _readers.Add(() =>
            {
                getter(ref values);
                values.CopyTo(_numbers, first);
            });
        }
        else
        {
            throw ClusterThrow.ColumnType("the view", column.Name, column.Type.ToString()!, "Single or a vector of Single of known size");
        }
    }
}
