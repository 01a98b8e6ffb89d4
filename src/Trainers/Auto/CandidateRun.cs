using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Trainers.Auto;

/// <summary>A candidate's meta-training, which can be taken up again for more steps.</summary>
internal sealed class CandidateRun : IDisposable
{
    private static readonly TimeSpan _betweenCheckpoints = TimeSpan.FromSeconds(20);

    private readonly LoadedTasks _tasks;
    private readonly ITrainingLog _log;
    private readonly IContributor _contributor;
    private readonly MetaTrainingState _state;
    private readonly CheckpointFile? _file;

    /// <param name="candidate">The candidate.</param>
    /// <param name="tasks">Its tasks, standardised.</param>
    /// <param name="log">Follows.</param>
    /// <param name="checkpoint">The file that its state is kept in, and taken up from; null for none.</param>
    public CandidateRun(AutoCandidate candidate, LoadedTasks tasks, ITrainingLog log, string? checkpoint)
    {
        (Candidate, _tasks, _log) = (candidate, tasks, log);
        var (options, training) = (candidate.Options, candidate.Options.Training);
        var theta = ParameterSpec.Draw(tasks.Learner.Slow, new Random(tasks.Seed + 2));
        Start = theta;
        _state = new MetaTrainingState(
            theta, new MetaOptimizer(training.Optimizer, training.GradientClippingNorm, theta.Length), training.AveragingDecay > 0);
        _file = checkpoint is null
            ? null
            : new CheckpointFile(checkpoint, CheckpointOwner.Describe(options, tasks, options.GradientRule), training.Steps);
        if (_file is { Exists: true })
        {
            _file.Read(_state);
        }

        _contributor = tasks.Open(options, options.Rule);
    }

    public AutoCandidate Candidate { get; }

    public LoadedTasks Tasks => _tasks;

    /// <summary>θ before the first step.</summary>
    public float[] Start { get; }

    /// <summary>θ of the lowest validation loss so far.</summary>
    public float[] Best => _state.Best;

    public double BestLoss => _state.BestLoss;

    /// <summary>The meta-step after which the validation loss was lowest; 0 where none was better than the start.</summary>
    public int BestStep => _state.History.Find(report => report.ValidationLoss == BestLoss)?.Step ?? 0;

    /// <summary>The validation loss of the learner not meta-trained; NaN where it diverged.</summary>
    public double StartLoss => _state.History.Count == 0 ? double.NaN : _state.History[0].ValidationLoss;

    public int Steps => _state.Step;

    /// <summary>How long it has been trained, before an interruption too.</summary>
    public TimeSpan Elapsed => _state.Elapsed;

    /// <summary>Trains until it has had so many steps in all, or no longer gets better.</summary>
    /// <returns>Whether it can go on to be trained; false after a divergence that it did not survive.</returns>
    public bool TrainTo(int steps, CancellationToken cancellation)
    {
        try
        {
            new MetaTraining(
                _contributor, Candidate.Options.Training, _log, new CheckpointSchedule(_file, _betweenCheckpoints, _log),
                _tasks.Data.IsClassification, until: steps).Run(_state, cancellation);
            return true;
        }
        catch (InvalidOperationException failure)
        {
            _log.Inform($"{Candidate.Name}: {failure.Message}");
            return false;
        }
    }

    public void Dispose() => _contributor.Dispose();
}
