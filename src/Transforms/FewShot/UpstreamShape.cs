using Microsoft.ML;
using Microsoft.ML.Data;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNetMeta.Transforms;

/// <summary>
/// The columns that fitted stages make of promised ones. Stages want a real schema, and a promise knows no vector lengths: so this
/// works for rows of scalars only (numbers, text, keys), which is what raw rows mostly are.
/// </summary>
internal static class UpstreamShape
{
    /// <summary>The promise after <paramref name="stages"/>; null when a promised vector stands in the way.</summary>
    public static SchemaShape? After(IEnumerable<ITransformer> stages, SchemaShape input)
    {
        if (input.Any(column => column.Kind != VectorKind.Scalar))
            return null;
        var schema = new DataViewSchema.Builder();
        foreach (var column in input)
            schema.AddColumn(column.Name, column.IsKey ? new KeyDataViewType(column.ItemType.RawType, int.MaxValue) : column.ItemType);
        var output = stages.Aggregate(schema.ToSchema(), (current, stage) => stage.GetOutputSchema(current));
        var promised = input.ToDictionary(column => column.Name);
        return new SchemaShape(output.Where(column => !column.IsHidden).Select(column =>
            column.Index < input.Count ? promised[column.Name] : Promise(column)));
    }

    private static SchemaShape.Column Promise(DataViewSchema.Column column)
    {
        var annotations = new SchemaShape(column.Annotations.Schema.Select(Promise));
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
