using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Reads <see cref="ILabelNames"/> from a column.</summary>
internal static class LabelNames
{
    public const string KeyValues = "KeyValues";

    /// <summary>The names of the keys of <paramref name="column"/>; null when it has none.</summary>
    public static ILabelNames? Read(DataViewSchema.Column column)
    {
        var annotation = column.Annotations.Schema.GetColumnOrNull(KeyValues);
        return annotation?.Type is VectorDataViewType { ItemType: PrimitiveDataViewType item }
            ? ItemMethod.Of<Func<DataViewSchema.Column, PrimitiveDataViewType, ILabelNames?>>(
                typeof(LabelNames), nameof(ReadTyped), item)(column, item)
            : null;
    }

    /// <summary>Placeholder names, when the type of the names is known but the names are not.</summary>
    public static ILabelNames Unknown(PrimitiveDataViewType item, int count) =>
        ItemMethod.Of<Func<PrimitiveDataViewType, int, ILabelNames>>(typeof(LabelNames), nameof(UnknownTyped), item)(item, count);

    private static TypedLabelNames<T>? ReadTyped<T>(DataViewSchema.Column column, PrimitiveDataViewType item)
    {
        VBuffer<T> values = default;
        column.Annotations.GetValue(KeyValues, ref values);
        var type = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return type is KeyDataViewType key && (ulong)values.Length == key.Count
            ? new TypedLabelNames<T>(item, [.. values.DenseValues()])
            : null;
    }

    private static TypedLabelNames<T> UnknownTyped<T>(PrimitiveDataViewType item, int count) => new(item, new T[count]);
}
