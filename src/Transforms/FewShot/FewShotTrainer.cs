using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.FewShot;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms;

/// <summary>
/// Trains on the few labelled rows of a new task by running a meta-trained <see cref="Learner"/> in ONNX Runtime. It takes milliseconds and
/// needs no libtorch.
/// </summary>
/// <remarks>
/// <para>Created by <c>ml.MetaLearning().FewShot(learner)</c>.</para>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>Label (input, to Fit only)</term><description>Classification: key of type UInt32, or Boolean for a
/// learner of Boolean labels. Regression: Single, or
/// Vector&lt;Single&gt; with as many elements as the learner has outputs</description></item>
/// <item><term>Features (input)</term><description>Vector&lt;Single&gt; of the learner's length, dense or sparse; Single for a learner of
/// one feature</description></item>
/// <item><term>PredictedLabel (output, classification)</term><description>Key with the label's key values; Boolean for
/// Boolean labels: true if that is more likely, false if features are not finite</description></item>
/// <item><term>Score (output)</term><description>Classification: probabilities, Vector&lt;Single&gt;, one per key of the label;
/// for Boolean labels the log-odds of true, Single.
/// Regression: Single, or Vector&lt;Single&gt; for several outputs</description></item>
/// <item><term>Probability (output, Boolean labels)</term><description>Single, the probability of true</description></item>
/// <item><term>LowerBound, UpperBound (output, regression)</term><description>Of the type of Score: the prediction interval, for a learner
/// with <see cref="Learner.IntervalCoverage"/></description></item>
/// </list>
/// <para>
/// Normalisation: done by the learner, which contains the scaling of its meta-training data. Caching: not needed, there is one pass over
/// the rows. Extra packages: ONNX Runtime. Exportable to ONNX: yes, <see cref="FewShotPredictionTransformer.SaveAsOnnx(string)"/>.
/// </para>
/// <para>
/// A learner from episodes accepts any classes. It uses those that occur in the support rows, at least two. A learner of shared labels
/// matches its classes by name. Classes that are missing in the label's key values get keys after them, so that they can be predicted too.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// // Five labelled rows of a new machine, whose label is missing in the other rows.
/// using var model = ml.MetaLearning().FewShot(learner).Fit(fewRows);
/// IDataView scored = model.Transform(otherRows);
/// </code>
/// </example>
public sealed partial class FewShotTrainer : IEstimator<FewShotPredictionTransformer>
{
    private readonly MLContext _context;
    private readonly Learner _learner;
    private readonly Options _options;
    private readonly LabelledColumns _columns;

    internal FewShotTrainer(MLContext context, Learner learner, Options options)
    {
        learner.ThrowIfTransductive("adapted in an app");
        _context = context;
        _learner = learner;
        _options = options;
        if (options.ExampleWeightColumnName is not null && !learner.TakesExampleWeights)
        {
            throw Throw.NoExampleWeights(learner.Kind);
        }

        _columns = learner.ColumnsOf(options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName);
    }

    /// <summary>Learns a task from its labelled rows.</summary>
    /// <param name="input">The support rows, read once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or length.</exception>
    /// <exception cref="InvalidOperationException">No rows, unless <see cref="Options.AllowEmptySupport"/>; NaN, infinite or missing
    /// values; one class only; a label that a learner of
    /// shared labels does not know; the adaptation diverged.</exception>
    /// <exception cref="FormatException">ONNX Runtime refuses the learner's graph. This is found when the learner is loaded with
    /// <see cref="Learner.Options.CreateSessionsOnLoad"/>.</exception>
    /// <exception cref="TimeoutException">The adaptation took longer than <see cref="Learner.Limits.AdaptationTime"/>.</exception>
    /// <exception cref="OperationCanceledException"><see cref="Options.CancellationToken"/> was cancelled.</exception>
    public FewShotPredictionTransformer Fit(IDataView input) => Fit(input, earlier: null, _options.KeepSupport);

    /// <summary>
    /// Continues to learn the task of <paramref name="model"/> when more of its rows are labelled. It uses the rows that the model has kept
    /// together with the rows of <paramref name="input"/>. The result is the same, bit for bit, as adapting to all these rows at once.
    /// </summary>
    /// <param name="input">The new rows. Labels are matched with the model's labels by name. New labels get keys after them.</param>
    /// <param name="model">A model of the same learner that was fitted with <see cref="Options.KeepSupport"/>. It is not changed. The
    /// result keeps its rows too.</param>
    /// <exception cref="ArgumentException">The model belongs to another learner, or has kept no rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type or length.</exception>
    /// <exception cref="InvalidOperationException">As <see cref="Fit(IDataView)"/>.</exception>
    /// <exception cref="TimeoutException">The adaptation took longer than <see cref="Learner.Limits.AdaptationTime"/>.</exception>
    /// <exception cref="OperationCanceledException"><see cref="Options.CancellationToken"/> was cancelled.</exception>
    public FewShotPredictionTransformer Fit(IDataView input, FewShotPredictionTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Learner != _learner && !model.Learner.File.Span.SequenceEqual(_learner.File.Span))
        {
            throw Throw.ModelOfOtherLearner(model.Learner.Kind, _learner.Kind);
        }

        return Fit(input, (model.Support ?? throw Throw.NoSupportKept(), model.Layout), keepSupport: true);
    }

    private FewShotPredictionTransformer Fit(IDataView input, (SupportSet Support, ScoreLayout Layout)? earlier, bool keepSupport)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var channel = ((IHostEnvironment)_context).Register(nameof(FewShotTrainer)).Start("Adapt");
        var start = Stopwatch.GetTimestamp();
        var (support, layout) = new SupportReader(_learner, _columns, _options.AllowEmptySupport)
            .Read(input, _options.CancellationToken, earlier);
        if (layout.Classes is { Added: { Count: > 0 } added })
        {
            channel.Warning(
                MessageSensitivity.Schema,
                "The keys of label column '{0}' lack the learner's classes {1}. The same MapValueToKey maps rows of these classes to "
                + "missing, and Evaluate ignores them. Map the label to the learner's classes instead: "
                + "ml.MetaLearning().MapLabelToKey(learner, \"{0}\").",
                _columns.Label, string.Join(", ", added.Select(name => $"'{name}'")));
        }

        var adapted = _learner.Adapt(support, _options.Steps, _options.CancellationToken);
        channel.Info(
            MessageSensitivity.None, "{0} adapted to {1} rows in {2:F1} ms",
            _learner.Kind, support.Rows, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return new FewShotPredictionTransformer(
            _context, _learner, adapted, layout, _columns, input.Schema[_columns.Features].Type, _options.BatchSize)
        {
            Support = keepSupport ? support : null,
        };
    }

    /// <summary>The columns of the models that <see cref="Fit(IDataView)"/> returns.</summary>
    /// <param name="inputSchema">The columns of the support rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _columns.Check(inputSchema);
        return PromisedColumns.AddTo(inputSchema, _learner, _columns.Label);
    }
}
