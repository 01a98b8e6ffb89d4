using Microsoft.ML;
using Microsoft.ML.Data;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNetMeta.Transforms.Columns;

/// <summary>A column as an estimator promises it before it has seen a row.</summary>
internal static class PromisedColumn
{
    /// <summary>The promise of a column that is like <paramref name="column"/>.</summary>
    public static SchemaShape.Column Of(DataViewSchema.Column column)
    {
        var annotations = new SchemaShape(column.Annotations.Schema.Select(Of));
        return column.Type switch
        {
            VectorDataViewType { IsKnownSize: var known, ItemType: var item } => MLNetInternals.Column(
                column.Name, known ? VectorKind.Vector : VectorKind.VariableVector, Plain(item), item is KeyDataViewType, annotations),
            _ => MLNetInternals.Column(
                column.Name, VectorKind.Scalar, Plain(column.Type), column.Type is KeyDataViewType, annotations),
        };
    }

    /// <summary>A promised key names its representation only.</summary>
    private static DataViewType Plain(DataViewType type) => type is not KeyDataViewType key ? type
        : key.RawType == typeof(byte) ? NumberDataViewType.Byte
        : key.RawType == typeof(ushort) ? NumberDataViewType.UInt16
        : key.RawType == typeof(uint) ? NumberDataViewType.UInt32
        : NumberDataViewType.UInt64;
}
