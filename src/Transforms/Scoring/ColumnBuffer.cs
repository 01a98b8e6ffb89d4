using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Scoring;

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
