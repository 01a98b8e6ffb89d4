using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.FewShot;

/// <summary>
/// A stage of the meta-trained pipeline inside an adapted chain. Disposing a chain disposes its stages, and this one belongs to the
/// meta-trained pipeline and to every other chain adapted from it.
/// </summary>
internal sealed class SharedStage(ITransformer stage) : ITransformer
{
    /// <summary>The stage itself; not to be disposed.</summary>
    public ITransformer Stage => stage;

    public bool IsRowToRowMapper => stage.IsRowToRowMapper;

    public IDataView Transform(IDataView input) => stage.Transform(input);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => stage.GetOutputSchema(inputSchema);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => stage.GetRowToRowMapper(inputSchema);

    public void Save(ModelSaveContext ctx) => stage.Save(ctx);
}
