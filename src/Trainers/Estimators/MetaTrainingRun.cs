using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Theory;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>One meta-training over tasks that have been read: its pilot, its loop, its checkpoints and reports.</summary>
internal sealed class MetaTrainingRun(IHost host, IChannel channel, MetaTrainingOptions options, string description, TrainingTasks tasks)
{
    private const double WithoutAdvice = 0.1;

    public TrainingTasks Tasks => tasks;

    /// <summary>θ with the lowest validation loss of a whole meta-training, resumed from its checkpoint where there is one.</summary>
    public Parameters Best()
    {
        var episodes = Episodes();
        var strength = NudgingStrength(episodes);
        var theta = FirstTheta();
        using var state = new MetaTrainingState(
            theta, new MetaOptimizer(options.MetaOptimizer, options.GradientClippingNorm, theta), options.AveragingDecay > 0);
        var checkpoint = options.CheckpointPath is { } path ? new CheckpointFile(path, CheckpointOwner.Describe(options, description, Tasks, strength), options.MetaSteps) : null;
        if (checkpoint is { Exists: true })
        {
            checkpoint.Read(state);
            channel.Info(MessageSensitivity.None, "Resumed from '{0}' at meta-step {1}", options.CheckpointPath, state.Step);
            state.History.ForEach(report => options.Progress?.Report(report));
        }

        var rule = options.Rule.Create(options.FreePhase, options.NudgedPhase, Stencil.Of(options.Stencil), strength);
        using var engine = new TorchEngine(Tasks.Learner, rule, options.FreePhase, episodes);
        if (state.History.Count == 0)
        {
            channel.Info(MessageSensitivity.None, "Validating on {0} tasks before the first of {1} meta-steps", options.ValidationTasks, options.MetaSteps);
        }

        using var progress = host.StartProgressChannel("MetaTraining");
        progress.SetHeader(new ProgressHeader(["Training loss", "Validation loss"], ["meta-steps"]), entry => entry.SetProgress(0, state.Step, options.MetaSteps));
        new MetaTraining(new ShardedContributor(engine, options.TasksPerShard, options.NumberOfThreads ?? Environment.ProcessorCount), new MetaTrainingPlan
        {
            Optimizer = options.MetaOptimizer,
            Schedule = options.MetaLearningRateSchedule,
            Steps = options.MetaSteps,
            AveragingDecay = options.AveragingDecay,
            ValidationInterval = options.ValidationInterval,
            TasksPerMetaStep = options.TasksPerMetaStep,
            ValidationTasks = options.ValidationTasks,
            Report = report =>
            {
                channel.Info(
                    MessageSensitivity.None, "Meta-step {0} of {1}: training loss {2:G4}, validation loss {3:G4} (best {4:G4}), {5:F0} s",
                    report.Step, report.TotalSteps, report.TrainingLoss, report.ValidationLoss, report.BestValidationLoss, report.Elapsed.TotalSeconds);
                progress.Checkpoint(report.TrainingLoss, report.ValidationLoss, report.Step);
                options.Progress?.Report(report);
            },
            Warn = Warn,
            Checkpoints = new CheckpointSchedule(checkpoint, options.CheckpointInterval, Warn),
        }).Run(state, options.CancellationToken);
        return state.Best.Clone();
    }

    /// <summary>Advice on β and steps at the θ that a training would start from.</summary>
    public NudgingAdvice Advise(double tolerance) => Advise(Episodes(), tolerance, doublings: 3);

    private NudgingAdvice Advise(DrawnEpisodes episodes, double tolerance, int doublings)
    {
        using var theta = FirstTheta();
        using var one = episodes.Of(TaskRange.Pilot(1));
        var rows = (int)(one.Support.Features.shape[1] + one.Query.Features.shape[1]);
        using var pilot = episodes.Of(TaskRange.Pilot(NudgingAdvisor.PilotTasks(rows)));
        channel.Info(MessageSensitivity.None, "Running a pilot of {0} tasks for advice on nudging", pilot.Tasks);
        return new NudgingAdvisor(Tasks.Learner, Stencil.Of(options.Stencil), options.CancellationToken).Advise(theta, pilot, options.FreePhase, options.NudgedPhase, tolerance, doublings);
    }

    /// <summary>β as given, or advised from the start of the training: a function of seed and data, so that a resumed training has the same.</summary>
    private double? NudgingStrength(DrawnEpisodes episodes)
    {
        if (options.Rule != MetaGradientRule.Contrastive || options.NudgingStrength is not null)
        {
            return options.NudgingStrength;
        }

        try
        {
            var advice = Advise(episodes, double.PositiveInfinity, doublings: 0);
            channel.Info(MessageSensitivity.None, "Advised from a pilot: {0}", advice);
            return advice.NudgingStrength;
        }
        catch (InvalidOperationException failure)
        {
            // The pilot's long phases may diverge where those of the training do not.
            channel.Warning(MessageSensitivity.None, "No nudging strength could be advised, {0} is taken: {1}", WithoutAdvice, failure.Message);
            return WithoutAdvice;
        }
    }

    /// <summary>θ at the start of the training: the same whenever it is drawn.</summary>
    private Parameters FirstTheta() => SlowParameters.Draw(Tasks.Learner.Slow, new Random(Tasks.Seed + 2), Tasks.Device);

    private DrawnEpisodes Episodes() => new(Tasks.Data, Tasks.Split, Tasks.Seed, Tasks.Device);

    private void Warn(string message) => channel.Warning(MessageSensitivity.None, "{0}", message);
}
