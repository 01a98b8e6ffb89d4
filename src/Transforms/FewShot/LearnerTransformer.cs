using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms;

/// <summary>
/// The result of meta-training. It contains the <see cref="Learner"/> and passes rows through unchanged.
/// </summary>
/// <remarks>
/// To adapt from raw rows, pass the chain that ends in it to <c>ml.MetaLearning().FewShot(metaModel)</c>. <c>ml.Model.Save</c> writes it
/// together with the pipeline before it, and <c>FewShot</c> also accepts the loaded model. <see cref="Learner.Save(string)"/> writes only
/// the learner.
/// </remarks>
/// <example>
/// <code>
/// var pipeline = ml.Transforms.Concatenate("Features", "Temperature", "Pressure")
///     .Append(ml.MetaLearning().Regression.DualSystem(taskColumnName: "Machine"));
/// using var trained = pipeline.Fit(rows);
/// trained.LastTransformer.Learner.Save("machines.onnx");
/// </code>
/// </example>
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
