using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What all meta-training estimators do: read the tasks, run the loop, write the learner.</summary>
internal sealed class MetaTrainer
{
    private readonly MLContext _context;
    private readonly IHost _host;
    private readonly MetaTask _task;
    private readonly MetaTrainingOptions _options;
    private readonly string _description;
    private readonly Func<INetwork, TaskLoss, ILearner> _createLearner;
    private readonly TaskColumns _columns;
    private readonly int? _embeddingUnits;
    private readonly int _seed;

    /// <param name="context">Log, progress and seed.</param>
    /// <param name="task">Classification or regression.</param>
    /// <param name="options">Options, already validated.</param>
    /// <param name="description">The learner and its own options, for the log and the checkpoint.</param>
    /// <param name="createLearner">Puts a learner on a network.</param>
    /// <param name="embeddingUnits">Outputs of the network where they are an embedding; null where they are the predictions.</param>
    public MetaTrainer(
        MLContext context, MetaTask task, MetaTrainingOptions options, string description, Func<INetwork, TaskLoss, ILearner> createLearner, int? embeddingUnits = null)
    {
        _embeddingUnits = embeddingUnits;
        _context = context;
        _host = ((IHostEnvironment)context).Register(nameof(MetaTrainer));
        _task = task;
        _options = options;
        _description = description;
        _createLearner = createLearner;
        _columns = new TaskColumns(task == MetaTask.Classification, options.LabelColumnName, options.FeatureColumnName, options.TaskColumnName, options.MissingTargets);
        // Drawn here, not in Fit: fitting twice gives the same learner.
        _seed = options.Seed ?? _host.Rand.Next();
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _columns.Check(inputSchema);
        return inputSchema;
    }

    public LearnerTransformer Fit(IDataView input)
    {
        using var channel = _host.Start("MetaTraining");
        return WithTasks(input, channel, run =>
        {
            using var best = run.Best();
            return new LearnerTransformer(_context, Learner.Load(LearnerFileWriter.Write(run.Tasks.Learner, best, run.Tasks.FileContents(_options))));
        });
    }

    /// <summary>Advice on β and steps from a pilot on some tasks, with the slow parameters that a training would start from.</summary>
    public NudgingAdvice Advise(IDataView input, double tolerance)
    {
        if (_options.Rule != MetaGradientRule.Contrastive)
        {
            throw TrainerThrow.NothingToNudge(_options.Rule.Name);
        }

        using var channel = _host.Start("NudgingAdvice");
        return WithTasks(input, channel, run => run.Advise(tolerance));
    }

    private T WithTasks<T>(IDataView input, IChannel channel, Func<MetaTrainingRun, T> use)
    {
        ArgumentNullException.ThrowIfNull(input);
        _columns.Check(input.Schema);
        CheckCheckpointFolder();
        TorchRuntime.EnsureLoaded();
        OnnxRuntimeLibrary.EnsureLoaded(); // Needed at the end only, and to be missed at the beginning.
        using var one = OneTorchThread.Begin();
        return use(new MetaTrainingRun(_host, channel, _options, _description, Read(input, channel)));
    }

    private TrainingTasks Read(IDataView input, IChannel channel)
    {
        var device = TorchDevice.Open(_options.Device);
        var seed = Seed();
        var data = TaskDataReader.Read(input, _columns, _options.CancellationToken);
        var split = Split(data, new Random(seed));
        channel.Info(MessageSensitivity.None, "{0} rows of {1} features; {2}", data.Rows, data.FeatureCount, split.Description);

        if (_options.TaskColumnName is { } taskColumn && data.IsOfOneClassEach)
        {
            channel.Warning(MessageSensitivity.None, "{0}", TrainerThrow.OneClassEach(taskColumn, _options.LabelColumnName));
        }

        var features = _options.ScaleOfFeatures(data);
        var targets = data.IsClassification ? null : ScaleOfTargets(data);
        Standardizer.ApplyInPlace(features, data.Features, _options.CancellationToken);
        if (targets is not null)
        {
            Standardizer.ApplyInPlace(targets, data.Targets, _options.CancellationToken);
        }

        var outputs = _task == MetaTask.Regression ? data.OutputCount : _options.TaskColumnName is null ? (int?)null : data.ClassNames.Length;
        var network = _options.Network(data.FeatureCount, _embeddingUnits ?? outputs, seed);
        var learner = _createLearner(network, data.IsClassification ? TaskLoss.CrossEntropy : data.MayMissTargets ? TaskLoss.ObservedSquaredError : TaskLoss.SquaredError);
        return new TrainingTasks(learner, data, split, seed, device, features, targets);
    }

    /// <summary>The seed of the options; else that of the training which the checkpoint continues, else one from the context.</summary>
    private int Seed()
    {
        // A damaged checkpoint is refused here already, before the rows are read.
        var resumed = _options.CheckpointPath is { } path && File.Exists(path) ? CheckpointFile.Owner(path, "seed") : null;
        return _options.Seed is null && int.TryParse(resumed, CultureInfo.InvariantCulture, out var seed) ? seed : _seed;
    }

    private void CheckCheckpointFolder()
    {
        if (_options.CheckpointPath is not { } path)
        {
            return;
        }

        if (Directory.Exists(path))
        {
            throw TrainerThrow.CheckpointIsFolder(path);
        }

        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw TrainerThrow.NoCheckpointFolder(path);
        }
    }

    private TaskSplit Split(TaskData data, Random random) => _options.TaskColumnName is null
        ? TaskSplit.OfClasses(data, _options.ValidationFraction, _options.Ways, _options.Shots, _options.QueryRows, random)
        : TaskSplit.OfTasks(data, _options.ValidationFraction, _options.SupportRows, _options.QueryRows, random);

    private Standardization ScaleOfTargets(TaskData data) =>
        _options.Standardize ? Standardizer.Fit(data.Targets, data.OutputCount, _options.CancellationToken) : Standardizer.Identity(data.OutputCount);
}
