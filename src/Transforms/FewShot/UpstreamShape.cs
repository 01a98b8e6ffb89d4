using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;
using VectorKind = Microsoft.ML.SchemaShape.Column.VectorKind;

namespace MLNetMeta.Transforms.FewShot;

/// <summary>
/// The columns that fitted stages make from promised ones. Stages need a real schema, but a promise does not contain vector lengths. The
/// result of a stage for a promised vector may therefore stay unknown. Its results for other columns, including keys and their names, are
/// known.
/// </summary>
internal static class UpstreamShape
{
    /// <summary>The promise after <paramref name="stages"/>, and whether it is known completely.</summary>
    public static (SchemaShape Shape, bool IsWhole) After(IEnumerable<ITransformer> stages, SchemaShape input)
    {
        var isWhole = input.All(column => column.Kind == VectorKind.Scalar);
        var schema = new DataViewSchema.Builder();
        foreach (var column in input)
        {
            schema.AddColumn(column.Name, Type(column));
        }

        var output = stages.Aggregate(schema.ToSchema(), After);
        var promised = input.ToDictionary(column => column.Name);
        return (new SchemaShape(output.Where(column => !column.IsHidden).Select(column =>
            column.Index < input.Count ? promised[column.Name] : PromisedColumn.Of(column))), isWhole);

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
}
