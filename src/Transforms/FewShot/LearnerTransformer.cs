using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms;

/// <summary>
/// What meta-training returns: carries the <see cref="Learner"/> and passes rows through unchanged.
/// </summary>
/// <remarks>
/// Give the chain that ends in it to <c>ml.MetaLearning().FewShot(metaModel)</c> to adapt from raw rows. <c>ml.Model.Save</c> writes it
/// with the pipeline before it; <c>FewShot</c> takes the loaded model as well. <see cref="Learner.Save(string)"/> writes the learner alone.
/// </remarks>
public sealed class LearnerTransformer : ITransformer, IDisposable
{
    private readonly MLContext _context;

    internal LearnerTransformer(MLContext context, Learner learner) => (_context, Learner) = (context, learner);

    /// <summary>The meta-trained learner.</summary>
    public Learner Learner { get; }

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>Returns <paramref name="input"/>.</summary>
    /// <param name="input">Any rows.</param>
    public IDataView Transform(IDataView input) => input ?? throw Throw.NoValue(nameof(input));

    /// <summary>Returns <paramref name="inputSchema"/>.</summary>
    /// <param name="inputSchema">Any columns.</param>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) =>
        inputSchema ?? throw Throw.NoValue(nameof(inputSchema));

    /// <exception cref="InvalidOperationException">Always: a PredictionEngine over a model that predicts nothing is a mistake.</exception>
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => throw Throw.NotAdapted(Learner.Kind);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Learner.ThrowIfTransductive("saved");
        using var stock = StockFile.Create(_context, StockNames.LearnerFile, Learner.File.ToArray());
        ((ICanSaveModel)stock).Save(ctx);
    }

    /// <summary>Disposes the learner.</summary>
    public void Dispose() => Learner.Dispose();
}
