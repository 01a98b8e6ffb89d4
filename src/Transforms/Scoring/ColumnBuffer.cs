using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>Creates the buffer of a column.</summary>
internal static class ColumnBuffer
{
    public static IColumnBuffer Create(DataViewRow source, DataViewSchema.Column column)
    {
        var (name, item) = column.Type is VectorDataViewType vector
            ? (nameof(CreateVector), vector.ItemType)
            : (nameof(CreateScalar), column.Type);
        return ItemMethod.Of<Func<DataViewRow, DataViewSchema.Column, IColumnBuffer>>(typeof(ColumnBuffer), name, item)(source, column);
    }

    private static ScalarBuffer<T> CreateScalar<T>(DataViewRow source, DataViewSchema.Column column) =>
        new(source.GetGetter<T>(column));

    private static VectorBuffer<T> CreateVector<T>(DataViewRow source, DataViewSchema.Column column) =>
        new(source.GetGetter<VBuffer<T>>(column));
}
