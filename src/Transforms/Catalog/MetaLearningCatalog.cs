using Google.Protobuf;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.FewShot;
using MLNetMeta.Transforms.Files;
using MLNetMeta.Transforms.Improving;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Pipelines;

namespace Microsoft.ML;

/// <summary>Few-shot learning by meta-learning, as <c>ml.MetaLearning()</c>.</summary>
public sealed class MetaLearningCatalog
{
    private readonly MLContext _context;

    internal MetaLearningCatalog(MLContext context)
    {
        _context = context;
        Classification = new MetaClassificationCatalog(context);
        Regression = new MetaRegressionCatalog(context);
    }

    /// <summary>Meta-training for classification.</summary>
    public MetaClassificationCatalog Classification { get; }

    /// <summary>Meta-training for regression.</summary>
    public MetaRegressionCatalog Regression { get; }

    /// <summary>Reads a learner file.</summary>
    /// <param name="path">Path of a file written by <see cref="Learner.Save(string)"/>.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="FormatException">The file is damaged, or is not a learner file.</exception>
    /// <exception cref="NotSupportedException">The file was written by a newer version of this library, or the execution provider is not
    /// available.</exception>
    /// <example>
    /// <code>
    /// using var learner = ml.MetaLearning().LoadLearner("machines.onnx");
    /// ITransformer model = ml.MetaLearning().FewShot(learner).Fit(fewRows);
    /// </code>
    /// </example>
    public Learner LoadLearner(string path, Learner.Options? options = null) => Loaded(Learner.Load(path, options));

    /// <summary>Reads a learner file from the current position of a stream to its end. The stream stays open.</summary>
    /// <param name="stream">A readable stream.</param>
    /// <param name="options">How to run it; null for the defaults.</param>
    /// <exception cref="FormatException">The content is damaged, or is not a learner file.</exception>
    /// <exception cref="NotSupportedException">The content was written by a newer version of this library, or the execution provider is not
    /// available.</exception>
    public Learner LoadLearner(Stream stream, Learner.Options? options = null) => Loaded(Learner.Load(stream, options));

    /// <summary>
    /// Replaces a feature column by the embedding of a pretrained network, an ONNX file. Put it before a trainer: the trainer then learns
    /// from embeddings, which are computed once for each row.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The network is frozen; meta-training and adaptation change what comes after it. The stage is saved in the pipeline, applied by
    /// <c>FewShot(metaModel)</c>, and exported by <c>SaveAsOnnx</c>, so that one ONNX file goes from pixels to predictions. It is ML.NET's
    /// <c>ApplyOnnxModel</c> with the checks that a trainer needs; <c>DnnFeaturizeImage</c> works as well.
    /// </para>
    /// <para>Operator sets 7 and later. The first dimension may be free, or 1.</para>
    /// </remarks>
    /// <param name="path">Path of the ONNX file. It must have one input of type Single, <c>[rows, …]</c> or <c>[1, …]</c>.</param>
    /// <param name="featureColumnName">The column to replace: a vector of Single with as many elements as the input.</param>
    /// <param name="output">The output that is the embedding, Single <c>[rows, …]</c>; null for the only one.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="FormatException">The file is damaged, or is not an ONNX model.</exception>
    /// <exception cref="NotSupportedException">
    /// The network has several inputs, a size that is not known, weights in other files, or functions of its own.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="output"/> is missing where there are several, or does not exist.</exception>
    /// <example>
    /// <code>
    /// var pipeline = ml.MetaLearning().Backbone("resnet18.onnx")
    ///     .Append(ml.Transforms.Conversion.MapValueToKey("Label"))
    ///     .Append(ml.MetaLearning().Classification.ComplexSynapse(ways: 5, shots: 1));
    /// </code>
    /// </example>
    public IEstimator<ITransformer> Backbone(string path, string featureColumnName = "Features", string? output = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(featureColumnName);
        return MLNetMeta.Transforms.Pipelines.Backbone.Create(_context, path, featureColumnName, output);
    }

    /// <summary>A trainer that learns a new task from a few labelled rows.</summary>
    /// <param name="learner">The learner to adapt. Do not dispose it while models adapted from it are in use.</param>
    /// <param name="labelColumnName">Label column of the support rows; see <see cref="FewShotTrainer.Options.LabelColumnName"/>.</param>
    /// <param name="featureColumnName">Feature column; see <see cref="FewShotTrainer.Options.FeatureColumnName"/>.</param>
    /// <example>
    /// <code>
    /// ITransformer model = ml.MetaLearning().FewShot(learner).Fit(fewRows);
    /// IDataView scored = model.Transform(otherRows);
    /// </code>
    /// </example>
    public FewShotTrainer FewShot(Learner learner, string labelColumnName = "Label", string featureColumnName = "Features") =>
        FewShot(learner, new FewShotTrainer.Options { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>A trainer that learns a new task from a few labelled rows, with all options.</summary>
    /// <param name="learner">The learner to adapt. Do not dispose it while models adapted from it are in use.</param>
    /// <param name="options">Columns, inner steps, batch size, cancellation.</param>
    public FewShotTrainer FewShot(Learner learner, FewShotTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(options);
        return new FewShotTrainer(_context, learner, options);
    }

    /// <summary>A trainer that learns a new task from raw rows. The meta-trained pipeline is applied to them first.</summary>
    /// <param name="metaModel">The model that a meta-training pipeline's Fit returned, or that model after <c>ml.Model.Save</c> and
    /// <c>Load</c>.</param>
    /// <param name="labelColumnName">Label column after the pipeline; see <see cref="FewShotTrainer.Options.LabelColumnName"/>.</param>
    /// <param name="featureColumnName">Feature column after the pipeline; see
    /// <see cref="FewShotTrainer.Options.FeatureColumnName"/>.</param>
    /// <exception cref="ArgumentException">The model holds no learner.</exception>
    /// <example>
    /// <code>
    /// // fewRows are raw: metaModel holds what the pipeline does to them.
    /// ITransformer model = ml.MetaLearning().FewShot(metaModel).Fit(fewRows);
    /// IDataView scored = model.Transform(otherRows);
    /// </code>
    /// </example>
    public FewShotPipeline FewShot(ITransformer metaModel, string labelColumnName = "Label", string featureColumnName = "Features") =>
        FewShot(metaModel, new FewShotTrainer.Options { LabelColumnName = labelColumnName, FeatureColumnName = featureColumnName });

    /// <summary>A trainer that learns a new task from raw rows, with all options.</summary>
    /// <param name="metaModel">The model that a meta-training pipeline's Fit returned, or that model after <c>ml.Model.Save</c> and
    /// <c>Load</c>.</param>
    /// <param name="options">Columns after the pipeline, inner steps, batch size, cancellation.</param>
    /// <exception cref="ArgumentException">The model holds no learner.</exception>
    public FewShotPipeline FewShot(ITransformer metaModel, FewShotTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(metaModel);
        ArgumentNullException.ThrowIfNull(options);
        return FewShotPipeline.Create(_context, metaModel, options);
    }

    /// <summary>
    /// Maps a text label to the keys of a learner's shared classes. The keys contain all classes in the learner's order and do not depend
    /// on the rows that the mapping is fitted on. A <c>MapValueToKey</c> that is fitted on a few support rows knows only their classes. It
    /// turns all other labels into missing values, and <c>Evaluate</c> leaves those rows out.
    /// </summary>
    /// <param name="learner">A learner with <see cref="LabelSemantics.Shared"/> labels.</param>
    /// <param name="outputColumnName">Name of the key column.</param>
    /// <param name="inputColumnName">Name of the text column; null for the same name.</param>
    /// <exception cref="ArgumentException">The classes of the learner's tasks differ.</exception>
    public ValueToKeyMappingEstimator MapLabelToKey(Learner learner, string outputColumnName = "Label", string? inputColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        if (learner.Labels != LabelSemantics.Shared)
        {
            throw Throw.NoSharedClasses(learner.Labels.ToString());
        }

        var classes = _context.Data.LoadFromEnumerable(learner.Classes.Select(name => new ClassRow { Name = name }).ToArray());
        return _context.Transforms.Conversion.MapValueToKey(outputColumnName, inputColumnName, keyData: classes);
    }

    /// <summary>
    /// Reads a model that <c>ml.Model.Save</c> wrote, like <c>ml.Model.Load</c>. Unlike <c>Load</c>, it restores this library's
    /// transformers as they were saved: scoring in batches on the execution provider that the learner was loaded with, annotations, ONNX
    /// export.
    /// </summary>
    /// <param name="path">Path of the file. It may hold any model, with or without transformers of this library.</param>
    /// <param name="inputSchema">The columns that the model was saved with.</param>
    /// <param name="options">How to run learners inside it; null for the options that they had when they were saved.</param>
    /// <returns>The model. Disposing it disposes the learners inside.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="FormatException">The file is damaged, or is not a saved model.</exception>
    /// <exception cref="NotSupportedException">The file was written by a newer version of this library, or the execution provider is not
    /// available.</exception>
    /// <example>
    /// <code>
    /// ITransformer metaModel = ml.MetaLearning().LoadModel("meta.zip", out _);
    /// ITransformer model = ml.MetaLearning().FewShot(metaModel).Fit(fewRows);
    /// </code>
    /// </example>
    public ITransformer LoadModel(string path, out DataViewSchema inputSchema, Learner.Options? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = File.OpenRead(path);
        return LoadModel(stream, out inputSchema, options);
    }

    /// <summary>Reads a saved model from a stream; see <see cref="LoadModel(string, out DataViewSchema, Learner.Options?)"/>.</summary>
    /// <param name="stream">A readable and seekable stream; stays open.</param>
    /// <param name="inputSchema">The columns that the model was saved with.</param>
    /// <param name="options">How to run learners inside it; null for the options that they had when they were saved.</param>
    /// <returns>The model. Disposing it disposes the learners inside.</returns>
    /// <exception cref="FormatException">The content is damaged, or is not a saved model.</exception>
    /// <exception cref="NotSupportedException">The content was written by a newer version of this library, or the execution provider is not
    /// available.</exception>
    public ITransformer LoadModel(Stream stream, out DataViewSchema inputSchema, Learner.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ITransformer model;
        try
        {
            ModelArchive.Check(stream, (options?.Limits ?? new Learner.Limits()).FileSize);
            model = new SavedModelReader(_context, options).Restore(_context.Model.Load(stream, out inputSchema));
        }
        // What ML.NET's readers throw at damaged content is anything, and no part of their contract.
        catch (Exception exception) when (exception is not (FormatException or NotSupportedException or OutOfMemoryException))
        {
            throw Throw.DamagedModel((exception.InnerException ?? exception).Message, exception);
        }

        foreach (var learner in Learners(model))
        {
            Loaded(learner);
        }

        return model;

        static IEnumerable<Learner> Learners(ITransformer transformer) => transformer switch
        {
            FewShotPredictionTransformer adapted => [adapted.Learner],
            LearnerTransformer meta => [meta.Learner],
            IEnumerable<ITransformer> chain => chain.SelectMany(Learners),
            _ => [],
        };
    }

    /// <summary>
    /// Computes what labelled rows contribute to the meta-training of an improvable learner: one vector, which you send to the server that
    /// improves the learner. The rows stay in the app.
    /// </summary>
    /// <param name="learner">A learner with <see cref="Learner.IsImprovable"/>.</param>
    /// <param name="rows">Labelled rows of one task, or of several tasks with <see cref="ContributionOptions.TaskColumnName"/>. More rows
    /// per task are better. Tasks with too few rows are left out with a warning.</param>
    /// <param name="options">Columns, splits, clipping and noise; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The learner is not improvable.</exception>
    /// <exception cref="ArgumentException">Options contradict each other; a column is missing or has another type or length.</exception>
    /// <exception cref="InvalidOperationException">A row cannot be learned from, no task has enough rows, or a phase diverged.</exception>
    /// <exception cref="TimeoutException">A split took longer than <see cref="Learner.Limits.AdaptationTime"/>.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <example>
    /// <code>
    /// // In the app: the rows of its user become one vector.
    /// LearnerContribution contribution = ml.MetaLearning().Contribute(learner, fewRows);
    /// contribution.Save("contribution.bin");
    /// </code>
    /// </example>
    public LearnerContribution Contribute(Learner learner, IDataView rows, ContributionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(rows);
        return LearnerContributor.Contribute(_context, learner, rows, options ?? new ContributionOptions());
    }

    /// <summary>Opens the folder of a learner that is being improved, or creates it.</summary>
    /// <param name="folder">A folder that is used for nothing else. It is created if it does not exist.</param>
    /// <param name="learner">Any revision of the learner. The folder determines which revision is current. The learner is not needed
    /// afterwards.</param>
    /// <param name="options">How contributions are merged; null for the defaults.</param>
    /// <exception cref="NotSupportedException">The learner is not improvable.</exception>
    /// <exception cref="ArgumentException">Options contradict each other, or the folder belongs to another learner.</exception>
    /// <exception cref="IOException">Another improver uses the folder, or the folder cannot be written.</exception>
    /// <exception cref="FormatException">The folder's files are damaged.</exception>
    /// <example>
    /// <code>
    /// // On the server: contributions of many apps become the next revision.
    /// using var improver = ml.MetaLearning().OpenImprover("fleet", learner);
    /// using var file = File.OpenRead("contribution.bin");
    /// Console.WriteLine(improver.Add(file));
    /// if (improver.TryImprove())
    ///     File.WriteAllBytes("next.onnx", improver.Current.File.ToArray());
    /// </code>
    /// </example>
    public LearnerImprover OpenImprover(string folder, Learner learner, ImproverOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(learner);
        return new LearnerImprover(_context, folder, learner, options ?? new ImproverOptions());
    }

    /// <summary>
    /// Writes an adapted pipeline as one ONNX model (operator set 17). It contains the adapted model and the ML.NET stages before it. The
    /// inputs are the raw columns that the features depend on, <c>[rows, slots]</c> each. The outputs are those of
    /// <see cref="FewShotPredictionTransformer.SaveAsOnnx(Stream)"/>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The supported stages are Concatenate, CopyColumns, SelectColumns and DropColumns, the normalisers, ReplaceMissingValues,
    /// IndicateMissingValues, ConvertType between numbers, MapValueToKey, MapKeyToVector, MapKeyToBinaryVector, OneHotEncoding, and
    /// ExtractPixels, ApplyOnnxModel, Backbone and DnnFeaturizeImage. A key column is an int64 input that starts at 1; 0 means
    /// missing. If pixels are extracted, the image is the input, in the form that it has at that stage (for example, resized): uint8
    /// <c>[rows, height, width, 3]</c> for red, green and blue, or <c>[rows, height, width, 4]</c> if alpha is used.
    /// </para>
    /// <para>
    /// For any other stage, pass <paramref name="upstream"/>, an ONNX model that another converter made from this stage and the stages
    /// before it.
    /// </para>
    /// <para>
    /// Before it is written, the model is run on a few generated rows, including missing, infinite and extreme values. It must give the
    /// same features and scores as ML.NET. With <paramref name="upstream"/>, and for images, ONNX Runtime must only be able to load it.
    /// </para>
    /// </remarks>
    /// <param name="model">An adapted model, or a chain with one.</param>
    /// <param name="inputSchema">The columns of the raw rows.</param>
    /// <param name="path">Path of the file to write. An existing file is replaced, and a reader never sees a partial file. If there is an
    /// error, nothing is written.</param>
    /// <param name="upstream">An ONNX model to merge. Its outputs replace columns of the pipeline. Null for none.</param>
    /// <exception cref="ArgumentException">The chain holds no adapted model, or <paramref name="upstream"/> does not fit it.</exception>
    /// <exception cref="NotSupportedException">A stage that the features depend on, a stage after the adapted model or an operator of
    /// <paramref name="upstream"/> cannot be exported, or the exported model gives other results than ML.NET. The message says what is
    /// wrong.</exception>
    /// <example>
    /// <code>
    /// ITransformer model = ml.MetaLearning().FewShot(metaModel).Fit(fewRows);
    /// ml.MetaLearning().SaveAsOnnx(model, fewRows.Schema, "machine-7.onnx");
    /// </code>
    /// </example>
    public void SaveAsOnnx(ITransformer model, DataViewSchema inputSchema, string path, UpstreamOnnx? upstream = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var onnx = ToOnnx(model, inputSchema, upstream);
        AtomicFile.Write(path, stream => onnx.WriteTo(stream));
    }

    /// <summary>Writes an adapted pipeline as one ONNX model; see
    /// <see cref="SaveAsOnnx(ITransformer, DataViewSchema, string, UpstreamOnnx)"/>.</summary>
    /// <param name="model">An adapted model, or a chain with one.</param>
    /// <param name="inputSchema">The columns of the raw rows.</param>
    /// <param name="stream">A writable stream; stays open.</param>
    /// <param name="upstream">An ONNX model to merge. Its outputs replace columns of the pipeline. Null for none.</param>
    /// <exception cref="ArgumentException">The chain holds no adapted model, or <paramref name="upstream"/> does not fit it.</exception>
    /// <exception cref="NotSupportedException">A stage that the features depend on, a stage after the adapted model or an operator of
    /// <paramref name="upstream"/> cannot be exported, or the exported model gives other results than ML.NET. The message says what is
    /// wrong.</exception>
    public void SaveAsOnnx(ITransformer model, DataViewSchema inputSchema, Stream stream, UpstreamOnnx? upstream = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ToOnnx(model, inputSchema, upstream).WriteTo(stream);
    }

    private ModelProto ToOnnx(ITransformer model, DataViewSchema inputSchema, UpstreamOnnx? upstream)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputSchema);
        using var channel = ((IHostEnvironment)_context).Start("SaveAsOnnx");
        var onnx = PipelineOnnx.Create(model, inputSchema, upstream);
        channel.Info(
            MessageSensitivity.Schema, "ONNX model with inputs {0}", string.Join(", ", onnx.Graph.Input.Select(column => column.Name)));
        return onnx;
    }

    private Learner Loaded(Learner learner)
    {
        using var channel = ((IHostEnvironment)_context).Start("LoadLearner");
        channel.Info(
            MessageSensitivity.None, "{0} learner for {1}: {2} features, {3} inner steps; adapts on {4}, scores on {5}",
            learner.Kind, learner.Task, learner.FeatureCount, learner.Steps, learner.AdaptationProvider, learner.ExecutionProvider);
        if (learner.FallbackReason is { } reason)
        {
            channel.Warning(MessageSensitivity.None, "The CPU is used instead. {0}", reason);
        }

        return learner;
    }

    private sealed class ClassRow
    {
        public string Name { get; set; } = "";
    }
}
