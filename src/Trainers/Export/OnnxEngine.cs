using System.Collections.Concurrent;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Export;

/// <summary>Computes contributions of the contrastive rule in ONNX Runtime, on the thread that asks: no libtorch in the process.</summary>
/// <param name="learner">The learner.</param>
/// <param name="rule">The rule, with a strength.</param>
/// <param name="free">How tasks are learned.</param>
/// <param name="episodes">The tasks.</param>
/// <param name="provider">What computes.</param>
internal sealed class OnnxEngine(
    ILearner learner, ContrastiveSettings rule, Phase free, IEpisodes episodes, ExecutionProvider provider) : IContributor
{
    private readonly MetaTrainingSessions _sessions = new(MetaTrainingProgram.Of(learner, rule, free), provider);

    // The same tasks are validated on again and again.
    private readonly ConcurrentDictionary<TaskRange, EpisodeRows> _validation = [];

    public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default) =>
        _sessions.Contribute(theta, episodes.Of(tasks), cancellation);

    public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default) =>
        _sessions.Validate(theta, _validation.GetOrAdd(tasks, episodes.Of), cancellation);

    public void Dispose() => _sessions.Dispose();
}
