using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.FewShot;
using MLNetMeta.Transforms.Saving;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms;

/// <summary>
/// Learns a new task from raw rows. The stages of the meta-trained pipeline before the learner are applied to the rows and become part of
/// the adapted model. Created by <c>ml.MetaLearning().FewShot(metaModel)</c>.
/// </summary>
/// <remarks>
/// For a learner from episodes, a MapValueToKey that makes the label is fitted again on the support rows, because a new task has other
/// labels than meta-training. Everything else stays as it was fitted in meta-training. As in any ML.NET pipeline that maps its label, rows
/// to score then need the label column; its values do not matter.
/// </remarks>
public sealed class FewShotPipeline : IEstimator<TransformerChain<FewShotPredictionTransformer>>
{
    private readonly ITransformer[] _upstream;
    private readonly FewShotTrainer _trainer;
    private readonly string _labelColumn;

    private FewShotPipeline(MLContext context, ITransformer[] upstream, Learner learner, FewShotTrainer.Options options)
    {
        _upstream = upstream;
        _labelColumn = options.LabelColumnName;
        Learner = learner;
        _trainer = new FewShotTrainer(context, learner, options);
    }

    /// <summary>The learner inside the meta-trained pipeline. Do not dispose it while models adapted from it are in use.</summary>
    public Learner Learner { get; }

    /// <summary>Learns a task from its labelled raw rows.</summary>
    /// <param name="input">The support rows, before the pipeline.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or length.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from; see <see
    /// cref="FewShotTrainer.Fit(IDataView)"/>.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public TransformerChain<FewShotPredictionTransformer> Fit(IDataView input)
    {
        var (stages, data) = Prepare(input, known: null);
        return new TransformerChain<FewShotPredictionTransformer>([.. stages, _trainer.Fit(data)]);
    }

    /// <summary>Continues to learn the task of <paramref name="model"/>; see
    /// <see cref="FewShotTrainer.Fit(IDataView, FewShotPredictionTransformer)"/>.</summary>
    /// <param name="input">The new rows, before the pipeline.</param>
    /// <param name="model">A model of this pipeline that was fitted with <see cref="FewShotTrainer.Options.KeepSupport"/>.</param>
    /// <exception cref="ArgumentException">The model belongs to another learner, or has kept no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or length.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public TransformerChain<FewShotPredictionTransformer> Fit(IDataView input, TransformerChain<FewShotPredictionTransformer> model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var (stages, data) = Prepare(input, model.LastTransformer.Layout.Classes?.Names);
        return new TransformerChain<FewShotPredictionTransformer>([.. stages, _trainer.Fit(data, model.LastTransformer)]);
    }

    /// <summary>Takes raw rows through the pipeline.</summary>
    /// <param name="input">The rows.</param>
    /// <param name="known">Labels that have keys already; null for none.</param>
    private (List<ITransformer> Stages, IDataView Data) Prepare(IDataView input, ILabelNames? known)
    {
        ArgumentNullException.ThrowIfNull(input);
        var stages = new List<ITransformer>();
        var data = input;
        foreach (var stage in _upstream)
        {
            var fitted = LabelSource(stage, data.Schema) is { } source ? FitKeys(source, data, known)
                : stage is IDisposable ? new SharedStage(stage)
                : stage;
            stages.Add(fitted);
            data = fitted.Transform(data);
        }

        return (stages, data);
    }

    /// <summary>Keys of the labels of some rows. Known labels come first.</summary>
    private ValueToKeyMappingTransformer FitKeys(string source, IDataView data, ILabelNames? known)
    {
        // Each fit leaves some memory with its context, and the app's own lives as long as the app.
        var context = new MLContext();
        var fitted = context.Transforms.Conversion.MapValueToKey(_labelColumn, source).Fit(data);
        if (known is null || LabelNames.Read(fitted.GetOutputSchema(data.Schema)[_labelColumn]) is not { } found)
        {
            return fitted;
        }

        var all = known.Append(found.Texts.Except(known.Texts));
        return context.Transforms.Conversion.MapValueToKey(_labelColumn, source, keyData: all.ToView(context)).Fit(data);
    }

    /// <summary>The columns of the models that <see cref="Fit(IDataView)"/> returns.</summary>
    /// <param name="inputSchema">The columns of the raw support rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var (shape, isWhole) = UpstreamShape.After(_upstream, inputSchema);
        return isWhole ? _trainer.GetOutputSchema(shape) : PromisedColumns.AddTo(shape, Learner, _labelColumn);
    }

    internal static FewShotPipeline Create(MLContext context, ITransformer metaModel, FewShotTrainer.Options options)
    {
        if (Flatten(context, metaModel).ToArray() is [.. var upstream, LearnerTransformer meta])
        {
            return new FewShotPipeline(context, upstream, meta.Learner, options);
        }

        throw Throw.NotMetaTrained();
    }

    /// <summary>
    /// The stages of chains within chains; a learner that was saved and loaded becomes a <see cref="LearnerTransformer"/> again.
    /// </summary>
    private static IEnumerable<ITransformer> Flatten(MLContext context, ITransformer transformer)
    {
        if (StockFile.TryRead(context, transformer, StockNames.LearnerFile) is { } learner)
        {
            return [new LearnerTransformer(context, Learner.Load(learner))];
        }

        return transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(stage => Flatten(context, stage)) : [transformer];
    }

    /// <summary>
    /// If <paramref name="stage"/> only makes the label's keys and must be fitted again, the column that it makes them from; otherwise
    /// null.
    /// </summary>
    private string? LabelSource(ITransformer stage, DataViewSchema input)
    {
        if (Learner.Labels != LabelSemantics.Episodes || stage is not ValueToKeyMappingTransformer)
        {
            return null;
        }

        var added = AddedColumns.Of(input, stage.GetOutputSchema(input));
        if (added is not [var label] || label.Name != _labelColumn)
        {
            return null;
        }

        return stage.GetRowToRowMapper(input).GetDependencies([label]).Single().Name;
    }
}
