using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms;

/// <summary>
/// Keeps one source column of the rows of a batch: the source's cursor has moved on by the time the batch is scored and its rows are read.
/// </summary>
internal interface IColumnBuffer
{
    /// <summary>Makes room for <paramref name="capacity"/> rows; what was kept is lost.</summary>
    void Resize(int capacity);

    /// <summary>Keeps the source's current value as that of row <paramref name="row"/> of the batch.</summary>
    void Store(int row);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the row that <paramref name="current"/> names.</summary>
    Delegate CreateGetter(Func<int> current);
}

/// <summary>Creates the buffer of a column.</summary>
internal static class ColumnBuffer
{
    public static IColumnBuffer Create(DataViewRow source, DataViewSchema.Column column)
    {
        var (name, type) = column.Type is VectorDataViewType vector
            ? (nameof(CreateVector), vector.ItemType.RawType)
            : (nameof(CreateScalar), column.Type.RawType);
        var create = typeof(ColumnBuffer).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
        return create.MakeGenericMethod(type).CreateDelegate<Func<DataViewRow, DataViewSchema.Column, IColumnBuffer>>()(source, column);
    }

    private static ScalarBuffer<T> CreateScalar<T>(DataViewRow source, DataViewSchema.Column column) =>
        new(source.GetGetter<T>(column));

    private static VectorBuffer<T> CreateVector<T>(DataViewRow source, DataViewSchema.Column column) =>
        new(source.GetGetter<VBuffer<T>>(column));
}

/// <summary>Values other than vectors.</summary>
internal sealed class ScalarBuffer<T>(ValueGetter<T> source) : IColumnBuffer
{
    private T[] _values = [];

    public void Resize(int capacity) => _values = new T[capacity];

    public void Store(int row)
    {
        // Not the old value: a source may recycle what it finds (images are disposed), and a reader may still hold it.
        T value = default!;
        source(ref value);
        _values[row] = value;
    }

    public Delegate CreateGetter(Func<int> current) => new ValueGetter<T>((ref T value) => value = _values[current()]);
}

/// <summary>Vectors: readers get copies, so the buffers of the previous batch are filled again.</summary>
internal sealed class VectorBuffer<T>(ValueGetter<VBuffer<T>> source) : IColumnBuffer
{
    private VBuffer<T>[] _values = [];

    public void Resize(int capacity) => _values = new VBuffer<T>[capacity];

    public void Store(int row) => source(ref _values[row]);

    public Delegate CreateGetter(Func<int> current) =>
        new ValueGetter<VBuffer<T>>((ref VBuffer<T> value) => _values[current()].CopyTo(ref value));
}
