using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What all meta-training estimators do: read the tasks, run the loop, write the learner.</summary>
internal sealed class MetaTrainer
{
    private readonly MLContext _context;
    private readonly IHost _host;
    private readonly MetaTrainingOptions _options;
    private readonly TaskColumns _columns;
    private readonly int _seed;

    /// <param name="context">Log, progress and seed.</param>
    /// <param name="task">Classification or regression.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    public MetaTrainer(MLContext context, MetaTask task, MetaTrainingOptions options)
    {
        var isClassification = task == MetaTask.Classification;
        options.Validate(isClassification);
        _context = context;
        _host = ((IHostEnvironment)context).Register(nameof(MetaTrainer));
        _options = options;
        _columns = options.Columns(isClassification);
        // Drawn here, not in Fit: fitting twice gives the same learner.
        _seed = options.Training.Seed ?? _host.Rand.Next();
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
        return WithTasks(input, channel, _options.Engine, (tasks, run) =>
        {
            var file = tasks.WriteLearner(_context, run.Best(), _options);
            return new LearnerTransformer(_context, Learner.Load(file));
        });
    }

    /// <summary>Advice on β and steps from a pilot on some tasks, with the slow parameters that a training would start from.</summary>
    public NudgingAdvice Advise(IDataView input, double tolerance)
    {
        if (!(tolerance > 0))
        {
            throw Throw.Option(nameof(tolerance), tolerance, "above 0");
        }

        if (_options.GradientRule is not ContrastiveSettings rule)
        {
            throw TrainerThrow.NothingToNudge(_options.GradientRule.Name);
        }

        using var channel = _host.Start("NudgingAdvice");
        // A pilot differentiates in double precision, which takes libtorch.
        return WithTasks(input, channel, _options.Engine as TorchCompute ?? Compute.Torch(), (_, run) => run.Advise(rule, tolerance));
    }

    private T WithTasks<T>(IDataView input, IChannel channel, Compute engine, Func<TrainingTasks, MetaTrainingRun, T> use)
    {
        ArgumentNullException.ThrowIfNull(input);
        _columns.Check(input.Schema);
        _options.Checkpoint?.CheckFolder();
        engine.Check();
        OnnxRuntimeLibrary.EnsureLoaded(); // Needed at the end only, and to be missed at the beginning.
        using var begun = engine.Begin();
        using var tasks = engine.Read(input, _columns, _options, Seed(), channel);
        return use(tasks, new MetaTrainingRun(_host, channel, _options, tasks));
    }

    /// <summary>The seed of the options; else that of the training which the checkpoint continues, else one from the context.</summary>
    private int Seed()
    {
        // A damaged checkpoint is refused here already, before the rows are read.
        var resumed = _options.Checkpoint is { } checkpoint && File.Exists(checkpoint.Path)
            ? CheckpointFile.Owner(checkpoint.Path, "seed")
            : null;
        return _options.Training.Seed is null && int.TryParse(resumed, CultureInfo.InvariantCulture, out var seed) ? seed : _seed;
    }
}
