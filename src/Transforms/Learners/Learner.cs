using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Files;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms;

/// <summary>
/// A meta-trained way to learn. It takes the few labelled rows of a new task and returns a model of that task. A learner is one ONNX model.
/// Its graph performs the adaptation, so it needs only ONNX Runtime.
/// </summary>
/// <remarks>
/// Thread-safe. All models adapted from one learner share its two ONNX Runtime sessions (adaptation and forward pass). Each model holds
/// only its own parameters. Load a learner once per app and keep it. After the learner is disposed, the models adapted from it no longer
/// work.
/// </remarks>
/// <example>
/// <code>
/// using var learner = ml.MetaLearning().LoadLearner("machines.onnx");
/// Console.WriteLine($"{learner.Kind}, {learner.FeatureCount} features, {learner.Steps} inner steps");
/// </code>
/// </example>
public sealed partial class Learner : IDisposable
{
    private readonly byte[] _file;
    private readonly LearnerMetadata _metadata;
    private readonly SharedSession _adaptation;
    private readonly SharedSession _forward;
    private readonly string[] _adaptedNames;
    private readonly string[] _forwardInputs;
    private readonly IReadOnlyList<string> _forwardOutputs;
    private readonly IReadOnlyList<string> _adaptationInputs;
    private readonly Lazy<ContributionGraph> _contribution;

    private Learner(byte[] file, Options options)
    {
        _file = file;
        RunOptions = options;
        (var model, _metadata) = LearnerFile.Read(file);
        LearnerStructure.Check(model, _metadata, options.Limits);
        _adaptedNames = LearnerGraph.AdaptedNames(model.Graph);
        _forwardInputs = [LearnerGraph.QueryFeatures, .. _adaptedNames];
        _adaptationInputs = LearnerGraph.AdaptationInputs(_metadata);
        _forwardOutputs = LearnerGraph.ForwardOutputs(_metadata);
        StartsWithoutSupport = OutputCount is not null && LearnerGraph.StartsWithoutSupport(model.Graph);
        // Cut now, so that a damaged file is refused at once; the native sessions are created when first needed.
        var adaptation = LearnerGraph.Adaptation(model, _metadata).ToByteArray();
        var forward = LearnerGraph.Forward(model, _metadata);
        ForwardModel = forward;
        (var scoring, Standardizer) = QueryStandardizer.TakeOut(forward, _metadata);
        _contribution = new Lazy<ContributionGraph>(
            () => new ContributionGraph(Improvement ?? throw Throw.NotImprovable(Kind), _metadata, options));
        _adaptation = new SharedSession(() => adaptation, options.NumberOfThreads, options.AdaptationProvider);
        try
        {
            _forward = new SharedSession(scoring.ToByteArray, options.NumberOfThreads, options.ExecutionProvider);
            if (options.CreateSessionsOnLoad)
            {
                _adaptation.Create();
                _forward.Create();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Kind of learner, for example <c>ComplexSynapse</c> or <c>DualSystem</c>.</summary>
    public string Kind => _metadata.Kind;

    /// <summary>What the learner learns to predict.</summary>
    public MetaTask Task => _metadata.Task;

    /// <summary>What the labels of its tasks have in common.</summary>
    public LabelSemantics Labels => _metadata.Labels;

    /// <summary>Names of the classes in the order of the learner's class indices if <see cref="Labels"/> is Shared; False and True if it is
    /// Binary; otherwise empty.</summary>
    public IReadOnlyList<string> Classes => _metadata.Classes;

    /// <summary>Number of features of a row, at least 1.</summary>
    public int FeatureCount => _metadata.FeatureCount;

    /// <summary>Regression: number of values predicted per row. Shared labels: number of classes. Episodes: null, because any number of
    /// classes is possible.</summary>
    public int? OutputCount => _metadata.OutputCount;

    /// <summary>Regression: whether targets of a support row may be missing, as NaN in the label. Every row needs at least one target that
    /// is not missing.</summary>
    public bool MissingTargets => _metadata.MissingTargets;

    /// <summary>Whether support rows may have weights: <see cref="FewShotTrainer.Options.ExampleWeightColumnName"/>.</summary>
    public bool TakesExampleWeights => _metadata.ExampleWeights;

    /// <summary>Regression: the share of targets that should lie between the columns LowerBound and UpperBound of adapted models, in (0,
    /// 1). The bounds were fitted to this share. Null if the learner has no prediction intervals.</summary>
    public double? IntervalCoverage => _metadata.IntervalCoverage;

    /// <summary>Whether apps can improve the learner further: it was meta-trained with the option <c>Improvable</c>.</summary>
    public bool IsImprovable => Improvement is not null;

    /// <summary>How often the learner has been improved since its meta-training, from 0; null if it is not improvable.</summary>
    public int? Revision => Improvement?.Revision;

    /// <summary>Number of inner steps used in meta-training. This is the default for adapting.</summary>
    public int Steps => _metadata.Steps;

    /// <summary>Description of the inner optimiser, JSON.</summary>
    public string InnerOptimizer => _metadata.InnerOptimizer;

    /// <summary>Description of the network, JSON.</summary>
    public string Network => _metadata.Network;

    /// <summary>The provider that is actually used for scoring: the provider from the options, or the processor if that provider was not
    /// available and a fallback was allowed.</summary>
    public ExecutionProvider ExecutionProvider => _forward.Provider;

    /// <summary>The provider that is actually used for adapting.</summary>
    public ExecutionProvider AdaptationProvider => _adaptation.Provider;

    /// <summary>How it can be improved; null where it cannot.</summary>
    internal Improvement? Improvement => _metadata.Improvement;

    /// <summary>Why the processor is used instead of a provider that was asked for; null when it is not.</summary>
    internal string? FallbackReason => _forward.FallbackReason ?? _adaptation.FallbackReason;

    /// <summary>The options that it was loaded with.</summary>
    internal Options RunOptions { get; }

    /// <summary>The forward graph: query features and adapted parameters in, scores out. Not to be changed.</summary>
    internal ModelProto ForwardModel { get; }

    /// <summary>Standardises query features before <see cref="Score"/>; null when the graph does it itself, or does not.</summary>
    internal QueryStandardizer? Standardizer { get; }

    /// <summary>The learner file, byte for byte. Not to be changed.</summary>
    internal ReadOnlyMemory<byte> File => _file;

    /// <summary>Whether there is something to adapt before the first support row: a number of outputs, and parameters that start from the
    /// learner alone.</summary>
    internal bool StartsWithoutSupport { get; }

    /// <summary>Number of native sessions that exist now: 0, 1 or 2.</summary>
    internal int SessionCount => (_adaptation.IsCreated ? 1 : 0) + (_forward.IsCreated ? 1 : 0);

    /// <summary>Reads a learner file; apps do so by <c>ml.MetaLearning().LoadLearner</c>, which says what can be wrong.</summary>
    internal static Learner Load(string path, Options? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = System.IO.File.OpenRead(path);
        return Load(stream, options);
    }

    /// <summary>Reads a learner file from the current position of a stream to its end; the stream stays open.</summary>
    internal static Learner Load(Stream stream, Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new Options();
        using var buffer = new MemoryStream();
        var chunk = new byte[1 << 16];
        for (int read; (read = stream.Read(chunk)) > 0;)
        {
            if (buffer.Length + read > options.Limits.FileSize)
            {
                throw Throw.LearnerLimit(
                    $"is longer than {options.Limits.FileSize} bytes", nameof(Limits.FileSize), options.Limits.FileSize);
            }

            buffer.Write(chunk, 0, read);
        }

        return new Learner(buffer.ToArray(), options);
    }

    /// <summary>Reads a learner file from memory; the bytes are copied.</summary>
    internal static Learner Load(ReadOnlySpan<byte> file, Options? options = null) => new(file.ToArray(), options ?? new Options());

    /// <summary>Writes the learner file. An existing file is replaced, and a reader never sees a partial file.</summary>
    /// <param name="path">Path of the file to write.</param>
    /// <exception cref="NotSupportedException">The learner is transductive.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ThrowIfTransductive("saved");
        AtomicFile.Write(path, Save);
    }

    /// <summary>Writes the learner file. The stream stays open.</summary>
    /// <param name="stream">A writable stream.</param>
    /// <exception cref="NotSupportedException">The learner is transductive.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ThrowIfTransductive("saved");
        stream.Write(_file);
    }

    /// <exception cref="NotSupportedException">A prediction of this learner depends on the other queries.</exception>
    internal void ThrowIfTransductive(string what)
    {
        if (_metadata.IsTransductive)
        {
            throw Throw.TransductiveLearner(what);
        }
    }

    private LabelKind KindOfLabels => Labels switch
    {
        LabelSemantics.Targets => LabelKind.Numbers,
        LabelSemantics.Binary => LabelKind.Boolean,
        _ => LabelKind.Key,
    };

    /// <summary>What this learner demands of the columns that it learns from and scores.</summary>
    internal LabelledColumns ColumnsOf(string label, string features, string? weight = null, string? task = null) =>
        new(KindOfLabels, label, features, FeatureCount, OutputCount, MissingTargets, weight, task);

    /// <summary>Learns one task.</summary>
    /// <param name="support">The labelled rows, already checked.</param>
    /// <param name="steps">Inner steps, at least 0; null for <see cref="Steps"/>.</param>
    /// <param name="cancellation">Stops the adaptation between two operators of the graph.</param>
    /// <exception cref="InvalidOperationException">The adaptation diverged, or ONNX Runtime failed.</exception>
    /// <exception cref="TimeoutException">It took longer than the limits of the options allow.</exception>
    internal AdaptedParameters Adapt(SupportSet support, int? steps = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var rows = Math.Max(support.Rows, 1);
        using var features = OrtValue.CreateTensorValueFromMemory(support.Features, [rows, FeatureCount]);
        using var labels = support.Classes is { } classes
            ? OrtValue.CreateTensorValueFromMemory(classes, [rows])
            : OrtValue.CreateTensorValueFromMemory(support.Targets!, [rows, OutputCount!.Value]);
        using var weights = TakesExampleWeights
            ? OrtValue.CreateTensorValueFromMemory(support.Weights ?? [.. Enumerable.Repeat(1f, rows)], [rows])
            : null;
        using var count = OrtValue.CreateTensorValueFromMemory([support.Rows == 0 ? 0L : steps ?? Steps], []);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(RunOptions.Limits.AdaptationTime);
        IReadOnlyList<OrtValue> values;
        try
        {
            values = _adaptation.Run(
                _adaptationInputs, weights is null ? [features, labels, count] : [features, labels, count, weights], _adaptedNames,
                time.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw Throw.AdaptationTime(RunOptions.Limits.AdaptationTime);
        }

        var adapted = new AdaptedParameters(_adaptedNames, values);
        if (adapted.FindNotFinite() is { } name)
        {
            adapted.Dispose();
            throw Throw.Diverged(name[LearnerGraph.AdaptedPrefix.Length..], steps ?? Steps);
        }

        return adapted;
    }

    /// <summary>What a task adds to a meta-step: ĝ_θ, and the evaluation loss after the free phase.</summary>
    /// <exception cref="NotSupportedException">The learner is not improvable.</exception>
    /// <exception cref="InvalidOperationException">A phase diverged.</exception>
    /// <exception cref="TimeoutException">It took longer than the limits of the options allow.</exception>
    internal (float[] Gradient, double Loss) Contribute(SupportSet support, SupportSet query, CancellationToken cancellation) =>
        _contribution.Value.Run(support, query, cancellation);

    /// <summary>Takes parameters that an earlier adaptation of the same learner gave.</summary>
    /// <exception cref="FormatException">They are not this learner's.</exception>
    internal AdaptedParameters Adopt(IReadOnlyList<TensorProto> tensors)
    {
        if (!tensors.Select(tensor => tensor.Name).Order().SequenceEqual(_adaptedNames.Order()))
        {
            throw Throw.DamagedModel("its adapted parameters do not fit its learner");
        }

        var byName = tensors.ToDictionary(tensor => tensor.Name);
        TensorProto[] ordered = [.. _adaptedNames.Select(name => byName[name])];
        LearnerGraph.CheckAdapted(ForwardModel.Graph, ordered);
        return AdaptedParameters.Of(ordered);
    }

    /// <summary>Scores rows with adapted parameters; the caller keeps the parameters in use meanwhile.</summary>
    /// <param name="inputs">Query features <c>[queries, features]</c>, standardised by <see cref="Standardizer"/>, then the adapted
    /// parameters, in the order of the forward graph's inputs.</param>
    /// <param name="outputs">Preallocated tensors: scores <c>[queries, classes or outputs]</c> and, with <see cref="IntervalCoverage"/>,
    /// half-widths of the same shape.</param>
    internal void Score(IReadOnlyCollection<OrtValue> inputs, IReadOnlyCollection<OrtValue> outputs) =>
        _forward.Run(_forwardInputs, inputs, _forwardOutputs, outputs);

    /// <summary>Disposes the native sessions after the running calls have returned. Models adapted from this learner can no longer
    /// score.</summary>
    public void Dispose()
    {
        _adaptation.Dispose();
        _forward?.Dispose();
        if (_contribution.IsValueCreated)
        {
            _contribution.Value.Dispose();
        }
    }
}
