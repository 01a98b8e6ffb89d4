using Microsoft.ML;
using Microsoft.ML.Data;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNetMeta.Transforms;

/// <summary>
/// The columns that fitted stages make of promised ones. Stages want a real schema, and a promise knows no vector lengths: what a stage
/// would make of a promised vector may stay unknown, and what it makes of the others, keys and their names among them, does not.
/// </summary>
internal static class UpstreamShape
{
    /// <summary>The promise after <paramref name="stages"/>, and whether it is known whole.</summary>
    public static (SchemaShape Shape, bool IsWhole) After(IEnumerable<ITransformer> stages, SchemaShape input)
    {
        var isWhole = input.All(column => column.Kind == VectorKind.Scalar);
        var schema = new DataViewSchema.Builder();
        foreach (var column in input)
            schema.AddColumn(column.Name, Type(column));
        var output = stages.Aggregate(schema.ToSchema(), After);
        var promised = input.ToDictionary(column => column.Name);
        return (new SchemaShape(output.Where(column => !column.IsHidden).Select(column =>
            column.Index < input.Count ? promised[column.Name] : Promise(column))), isWhole);

        DataViewSchema After(DataViewSchema before, ITransformer stage)
        {
            try
            {
                return stage.GetOutputSchema(before);
            }
            catch (Exception exception) when (!isWhole && exception is ArgumentException or InvalidOperationException)
            {
                return before; // It needs the length of a vector, or what a stage before it that needs one would have made.
            }
        }
    }

    private static DataViewType Type(SchemaShape.Column column)
    {
        var item = column.IsKey ? new KeyDataViewType(column.ItemType.RawType, int.MaxValue) : column.ItemType;
        return column.Kind == VectorKind.Scalar || item is not PrimitiveDataViewType primitive ? item : new VectorDataViewType(primitive);
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
