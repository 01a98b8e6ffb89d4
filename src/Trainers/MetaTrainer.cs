using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Episodes;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Meta;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;
using MLNetMeta.Transforms;
using TorchSharp;

namespace MLNetMeta.Trainers;

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
        _columns = new TaskColumns(task == MetaTask.Classification, options.LabelColumnName, options.FeatureColumnName, options.TaskColumnName);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _columns.Check(inputSchema);
        return inputSchema;
    }

    public LearnerTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _columns.Check(input.Schema);
        TorchRuntime.EnsureLoaded();
        var threads = torch.get_num_threads();
        try
        {
            torch.set_num_threads(1);
            return Train(input);
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    private LearnerTransformer Train(IDataView input)
    {
        using var channel = _host.Start("MetaTraining");
        var seed = _options.Seed ?? _host.Rand.Next();
        var raw = TaskDataReader.Read(input, _columns, _options.CancellationToken);
        var split = Split(raw, new Random(seed));
        channel.Info(MessageSensitivity.None, "{0} rows of {1} features; {2}", raw.Rows, raw.FeatureCount, split.Description);

        var features = Standardization(raw.Features, raw.FeatureCount);
        var targets = raw.IsClassification ? null : Standardization(raw.Targets, raw.OutputCount);
        Standardizer.ApplyInPlace(features, raw.Features);
        if (targets is not null)
        {
            Standardizer.ApplyInPlace(targets, raw.Targets);
        }

        var sharesClasses = raw.IsClassification && _options.TaskColumnName is not null;
        var outputs = raw.IsClassification ? sharesClasses ? raw.ClassNames.Length : (int?)null : raw.OutputCount;
        var network = Network(raw.FeatureCount, _embeddingUnits ?? outputs);
        var learner = _createLearner(network, raw.IsClassification ? TaskLoss.CrossEntropy : TaskLoss.SquaredError);
        var free = new Phase(_options.InnerOptimizer, _options.InnerSteps);

        using var best = Run(learner, free, raw, split, seed, channel);
        var contents = new LearnerFileContents(free, features, targets, sharesClasses ? raw.ClassNames : (ImmutableArray<string>?)null);
        return new LearnerTransformer(_context, Learner.Load(LearnerFileWriter.Write(learner, best, contents)));
    }

    private INetwork Network(int features, int? outputs)
    {
        if (_options.ConvNet is not { } convNet)
        {
            return new Mlp(features, _options.HiddenUnits, outputs, _options.Activation);
        }

        var network = new ConvNet(convNet, outputs);
        return network.Inputs == features
            ? network
            : throw TrainerThrow.OtherImageShape(_options.FeatureColumnName, features, convNet.Image);
    }

    private TaskSplit Split(TaskData data, Random random) => _options.TaskColumnName is null
        ? TaskSplit.OfClasses(data, _options.ValidationFraction, _options.Ways, _options.Shots, _options.QueryRows, random)
        : TaskSplit.OfTasks(data, _options.ValidationFraction, _options.SupportRows, _options.QueryRows, random);

    private Standardization Standardization(float[] values, int width) =>
        _options.Standardize ? Standardizer.Fit(values, width) : Standardizer.Identity(width);

    private Parameters Run(ILearner learner, Phase free, TaskData data, TaskSplit split, int seed, IChannel channel)
    {
        var batcher = new EpisodeBatcher(data);
        using var validation = batcher.Draw(split.Validation, new Random(seed + 1), _options.ValidationTasks);
        var theta = SlowParameters.Draw(learner.Slow, new Random(seed + 2));
        using var state = new MetaTrainingState(
            theta, new MetaOptimizer(_options.MetaOptimizer, _options.GradientClippingNorm, theta), _options.AveragingDecay > 0);
        var checkpoint = _options.CheckpointPath is { } path ? new CheckpointFile(path, BelongsTo(data, seed)) : null;
        if (checkpoint is { Exists: true })
        {
            checkpoint.Read(state);
            channel.Info(MessageSensitivity.None, "Resumed from '{0}' at meta-step {1}", _options.CheckpointPath, state.Step);
        }

        var rule = _options.Rule.Create(_options);
        var sharded = new ShardedMetaGradient(rule, _options.TasksPerShard, _options.NumberOfThreads ?? Environment.ProcessorCount);
        using var progress = _host.StartProgressChannel("MetaTraining");
        progress.SetHeader(new ProgressHeader(["Training loss", "Validation loss"], ["meta-steps"]), entry => entry.SetProgress(0, state.Step, _options.MetaSteps));
        var lastCheckpoint = Stopwatch.StartNew();
        new MetaTraining(learner, sharded, new MetaTrainingPlan
        {
            Optimizer = _options.MetaOptimizer,
            Schedule = _options.MetaLearningRateSchedule,
            Steps = _options.MetaSteps,
            ClipNorm = _options.GradientClippingNorm,
            AveragingDecay = _options.AveragingDecay,
            ValidationInterval = _options.ValidationInterval,
            Free = free,
            TasksPerShard = _options.TasksPerShard,
            Draw = step => batcher.Draw(split.Training, StepRandom(seed, step), _options.TasksPerMetaStep),
            Validation = validation,
            Report = report =>
            {
                channel.Info(
                    MessageSensitivity.None, "Meta-step {0} of {1}: training loss {2:G4}, validation loss {3:G4} (best {4:G4}), {5:F0} s",
                    report.Step, report.TotalSteps, report.TrainingLoss, report.ValidationLoss, report.BestValidationLoss, report.Elapsed.TotalSeconds);
                progress.Checkpoint(report.TrainingLoss, report.ValidationLoss, report.Step);
                _options.Progress?.Report(report);
            },
            Checkpoint = (now, force) =>
            {
                if (checkpoint is not null && (force || lastCheckpoint.Elapsed >= _options.CheckpointInterval))
                {
                    checkpoint.Write(now);
                    lastCheckpoint.Restart();
                }
            },
        }).Run(state, _options.CancellationToken);
        return state.Best.Clone();
    }

    // A generator for each step, so that a resumed training draws what an uninterrupted one would have drawn.
    private static Random StepRandom(int seed, int step) => new(unchecked((seed * 486187739) + (step * 16777619) + 7));

    private Dictionary<string, string> BelongsTo(TaskData data, int seed)
    {
        var o = _options;
        var checksum = data.Features.Aggregate(17L, (sum, value) => unchecked((sum * 31) + BitConverter.SingleToInt32Bits(value)));
        return new Dictionary<string, string>
        {
            ["learner"] = _description,
            ["task"] = _task.ToString(),
            ["seed"] = Text(seed),
            ["rows"] = Text(data.Rows),
            ["feature checksum"] = Text(checksum),
            ["groups"] = Text(data.Groups.Length),
            ["episodes"] = o.TaskColumnName is null ? $"{o.Ways}-way {o.Shots}-shot, {o.QueryRows} query" : $"{o.SupportRows} support, {o.QueryRows} query",
            ["network"] = o.ConvNet is { } c
                ? $"{c.Image}, {string.Join("-", c.Filters)}, stride {c.Stride}, {c.Normalization}"
                : $"{string.Join("-", o.HiddenUnits)} {o.Activation}",
            ["standardize"] = o.Standardize.ToString(),
            ["inner"] = $"{o.InnerOptimizer.Describe()} x {o.InnerSteps}",
            ["nudged"] = $"{(o.NudgedOptimizer ?? o.InnerOptimizer).Describe()} x {o.NudgedSteps}, {o.Stencil}, {Text(o.NudgingStrength)}",
            ["rule"] = o.Rule.Describe(),
            ["meta"] = $"{o.MetaOptimizer.Describe()} x {o.MetaSteps} {o.MetaLearningRateSchedule}, {o.TasksPerMetaStep} tasks, clip {Text(o.GradientClippingNorm ?? 0)}, average {Text(o.AveragingDecay)}",
            ["validation"] = $"{Text(o.ValidationFraction)}, {o.ValidationTasks} tasks every {o.ValidationInterval}",
        };

        static string Text(IConvertible value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
