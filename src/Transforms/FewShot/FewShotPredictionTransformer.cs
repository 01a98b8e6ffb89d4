using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Files;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms;

/// <summary>
/// The model of one task, adapted from a <see cref="Learner"/>. It adds the columns that <see cref="FewShotTrainer"/> describes.
/// </summary>
/// <remarks>
/// <para>
/// Views are scored lazily, in batches. PredictionEngine scores row by row. A prediction depends only on its row and the support rows. With
/// the usual activations (ReLU, tanh, sigmoid, GELU) this holds bit for bit. For a few of ONNX Runtime's operators (Elu, Softplus, Log),
/// the last bit depends on the position of the value in the batch. Thread-safe.
/// </para>
/// <para>
/// A model holds only its own parameters and uses the learner's sessions. Do not dispose the learner while its models are in use. A
/// PredictionEngine disposes its model, unless it was created with <c>PredictionEngineOptions { OwnsTransformer = false }</c>.
/// </para>
/// <para>
/// <c>ml.Model.Save</c> writes the model as a chain of ML.NET's own transformers. <c>ml.Model.Load</c> reads it wherever this assembly is
/// deployed, with the same columns, types, key values and, to float32 rounding, scores. The annotations of Score are lost (SlotNames,
/// TrainingLabelValues and the score kinds, which no stock transformer can write), and so are batched scoring and the execution provider.
/// <c>ml.MetaLearning().LoadModel</c> reads the same file and loses nothing.
/// </para>
/// <para>
/// <c>ml.Model.ConvertToOnnx</c> does not know this transformer. It writes a model without it and without the stages before it, and ML.NET
/// offers no way to prevent this. Use <see cref="SaveAsOnnx(string)"/>, or <c>ml.MetaLearning().SaveAsOnnx</c> for a chain.
/// </para>
/// </remarks>
public sealed class FewShotPredictionTransformer : ISingleFeaturePredictionTransformer<Learner>, IDisposable
{
    private readonly MLContext _context;
    private readonly AdaptedParameters _adapted;
    private readonly ScoreLayout _layout;
    private readonly LabelledColumns _columns;
    private readonly int? _batchSize;
    private readonly bool _ownsLearner;

    internal FewShotPredictionTransformer(
        MLContext context,
        Learner learner,
        AdaptedParameters adapted,
        ScoreLayout layout,
        LabelledColumns columns,
        DataViewType featureType,
        int? batchSize,
        bool ownsLearner = false)
    {
        _context = context;
        Learner = learner;
        _adapted = adapted;
        _layout = layout;
        _columns = columns;
        FeatureColumnType = featureType;
        _batchSize = batchSize;
        _ownsLearner = ownsLearner;
    }

    /// <summary>The learner that this model was adapted from.</summary>
    public Learner Learner { get; }

    /// <summary>Name of the feature column.</summary>
    public string FeatureColumnName => _columns.Features;

    /// <summary>Type of the feature column.</summary>
    public DataViewType FeatureColumnType { get; }

    /// <summary>Names of the classes as text, in the order of the slots of Score; empty for regression. If a label has no key values, its
    /// name is its key.</summary>
    public IReadOnlyList<string> Classes => _layout.Classes?.Describe() ?? [];

    /// <summary>Number of support rows that the model has kept; 0 if it was fitted without
    /// <see cref="FewShotTrainer.Options.KeepSupport"/>.</summary>
    public int KeptRows => Support?.Rows ?? 0;

    /// <summary>The rows that the model was learned from; null if it has not kept them.</summary>
    internal SupportSet? Support { get; init; }

    internal ScoreLayout Layout => _layout;

    Learner IPredictionTransformer<Learner>.Model => Learner;

    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>Adds the model's columns. Rows are scored when they are read.</summary>
    /// <param name="input">Rows with the feature column; a label is not needed.</param>
    /// <remarks>If the features of a row are NaN or infinite, its scores are NaN and its PredictedLabel is missing (key 0).</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or has another type or length.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (StockExporter.IsCalling())
        {
            using var channel = ((IHostEnvironment)_context).Start("Transform");
            channel.Warning(
                MessageSensitivity.None,
                "ml.Model.ConvertToOnnx leaves out the adapted model and everything before it. Export the model with SaveAsOnnx, or a "
                + "chain with ml.MetaLearning().SaveAsOnnx(chain, rows.Schema, path).");
        }

        return new ScoringView(input, Plan(input.Schema));
    }

    /// <summary>The columns that <see cref="Transform"/> gives.</summary>
    /// <param name="inputSchema">The columns of its input.</param>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or has another type or length.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return Plan(inputSchema).Output;
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => new ScoringRowMapper(Plan(inputSchema));

    /// <summary>Writes the model as ONNX; see <see cref="SaveAsOnnx(Stream)"/>. An existing file is replaced, and a reader never sees a
    /// partial file.</summary>
    /// <param name="path">Path of the file to write.</param>
    /// <exception cref="InvalidOperationException">The feature column has the name of an output.</exception>
    public void SaveAsOnnx(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        AtomicFile.Write(path, SaveAsOnnx);
    }

    /// <summary>
    /// Writes the model as ONNX (operator set 17), without the learner. The input has the name of the feature column, float32 <c>[rows,
    /// features]</c> with any number of rows. Outputs: <c>Score</c>, float32 <c>[rows, classes or outputs]</c>; for a regression with
    /// prediction intervals <c>LowerBound</c> and <c>UpperBound</c>, shaped as Score; for Boolean labels
    /// <c>Score</c>, <c>Probability</c> and <c>PredictedLabel</c> (bool), <c>[rows, 1]</c>; for other classification <c>PredictedLabel</c>
    /// <c>[rows]</c>: the label's name (string) if labels are text, otherwise its key (int64, from 1). The metadata property
    /// <c>mlnetmeta.classes</c> names the classes, as JSON. Before the model is written, it is run on a few rows. It must give the same
    /// scores as this transformer.
    /// </summary>
    /// <param name="stream">A writable stream; stays open.</param>
    /// <exception cref="InvalidOperationException">The feature column has the name of an output.</exception>
    /// <exception cref="NotSupportedException">ONNX Runtime gives other scores. Nothing is written.</exception>
    public void SaveAsOnnx(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var onnx = ToOnnx(FeatureColumnName);
        var input = new DataViewSchema.Builder();
        input.AddColumn(FeatureColumnName, FeatureColumnType);
        ExportCheck.Run(onnx, FeatureColumnName, [], this, input.ToSchema());
        onnx.WriteTo(stream);
    }

    /// <summary>The model as ONNX with an input of any name.</summary>
    internal ModelProto ToOnnx(string inputName) => AdaptedOnnx.ForApps(Learner, _adapted, _layout, inputName);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        var isScalar = FeatureColumnType is not VectorDataViewType;
        var saved = SavedModel.Create(Learner, _adapted, _layout, _columns, isScalar, _batchSize, Support);
        using var folder = new PrivateFolder(_context);
        using var stock = StockPredictor.Create(_context, Learner, _adapted, _layout, FeatureColumnType, saved, folder);
        ((ICanSaveModel)stock).Save(ctx);
    }

    /// <summary>Frees the adapted parameters after the running calls have returned. The learner is not disposed, unless it was read
    /// together with this model by <c>ml.MetaLearning().LoadModel</c>.</summary>
    public void Dispose()
    {
        _adapted.Dispose();
        if (_ownsLearner)
        {
            Learner.Dispose();
        }
    }

    private ScoringPlan Plan(DataViewSchema input) => new(input, _columns, Learner, _adapted, _layout, _batchSize);
}
