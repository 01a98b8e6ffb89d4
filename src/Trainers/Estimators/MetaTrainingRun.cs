using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>One meta-training over tasks that have been read: its pilot, its loop, its checkpoints and reports.</summary>
internal sealed class MetaTrainingRun(IHost host, IChannel channel, MetaTrainingOptions options, TrainingTasks tasks)
{
    // Drawn with a generator of its own, so that θ is the same whenever it is drawn.
    private readonly float[] _first = ParameterSpec.Draw(tasks.Learner.Slow, new Random(tasks.Seed + 2));

    /// <summary>θ with the lowest validation loss of a whole meta-training, resumed from its checkpoint where there is one.</summary>
    public float[] Best()
    {
        var rule = options.GradientRule is ContrastiveSettings contrastive ? WithStrength(contrastive) : options.GradientRule;
        var training = options.Training;
        var state = new MetaTrainingState(
            _first, new MetaOptimizer(training.Optimizer, training.GradientClippingNorm, _first.Length), training.AveragingDecay > 0);
        using var progress = host.StartProgressChannel("MetaTraining");
        progress.SetHeader(
            new ProgressHeader(["Training loss", "Validation loss"], ["meta-steps"]), entry =>
                entry.SetProgress(0, state.Step, training.Steps));
        var log = new TrainingLog(channel, progress, training.Progress);
        using var contributor = tasks.Open(options, rule);
        new MetaTraining(contributor, training, log, Resume(state, rule, log), tasks.Shape.IsClassification).Run(
            state, options.CancellationToken);
        return state.Best;
    }

    /// <summary>Advice on β and steps.</summary>
    public NudgingAdvice Advise(ContrastiveSettings rule, double tolerance) => Pilot(rule).Advise(tolerance, doublings: 3);

    // A rule with a strength needs no pilot, and no rows in this process.
    private ContrastiveSettings WithStrength(ContrastiveSettings rule) => rule.Strength is null ? Pilot(rule).WithStrength() : rule;

    private NudgingPilot Pilot(ContrastiveSettings rule) => new(options, rule, (LoadedTasks)tasks, _first, channel);

    /// <summary>Brings the state to where a checkpoint left it, and says when the next ones are written.</summary>
    private CheckpointSchedule Resume(MetaTrainingState state, MetaGradientRule rule, TrainingLog log)
    {
        var checkpoint = options.Checkpoint;
        var file = checkpoint is null
            ? null
            : new CheckpointFile(checkpoint.Path, CheckpointOwner.Describe(options, tasks, rule), options.Training.Steps);
        if (file is { Exists: true })
        {
            file.Read(state);
            channel.Info(MessageSensitivity.None, "Resumed from '{0}' at meta-step {1}", file.Path, state.Step);
            state.History.ForEach(report => options.Training.Progress?.Report(report));
        }

        if (state.History.Count == 0)
        {
            channel.Info(
                MessageSensitivity.None, "Validating on {0} tasks before the first of {1} meta-steps", options.Training.ValidationTasks,
                options.Training.Steps);
        }

        return new CheckpointSchedule(file, checkpoint?.Interval ?? TimeSpan.MaxValue, log);
    }
}
