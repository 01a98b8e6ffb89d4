using System.Collections.Concurrent;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>
/// Computes contributions by a rule in libtorch, on the thread that asks. Tasks are what
/// is parallel: libtorch keeps to one thread meanwhile.
/// </summary>
/// <param name="learner">The learner.</param>
/// <param name="rule">How the meta-gradient is estimated.</param>
/// <param name="free">How validation adapts.</param>
/// <param name="episodes">The tasks.</param>
/// <param name="device">Where they lie; CPU by default.</param>
internal sealed class TorchEngine(ILearner learner, IMetaGradientRule rule, Phase free, IEpisodeBatches episodes, Device? device = null)
    : IContributor
{
    // The same tasks are validated on again and again.
    private readonly ConcurrentDictionary<TaskRange, EpisodeBatch> _validation = [];

    public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        using var one = OneTorchThread.Begin();
        using var batch = episodes.Of(tasks);
        using var parameters = Parameters.Of(learner.Slow, theta, device);
        using var estimate = rule.Estimate(learner, parameters, batch, cancellation);
        return new Contribution(
            estimate.Gradient.ToVector(), batch.Tasks, estimate.EvaluationLoss, estimate.FreeResidual, estimate.NudgedResidual);
    }

    public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        using var one = OneTorchThread.Begin();
        using var scope = NewDisposeScope();
        using var parameters = Parameters.Of(learner.Slow, theta, device);
        var batch = _validation.GetOrAdd(tasks, episodes.Of);
        var problem = new InnerProblem(learner, parameters.Values, batch, cancellation);
        var end = Settle.Run(problem, problem.InitialFast(), 0, free).Phi;
        var predictions = problem.PredictQuery(end);
        return new Validation(
            problem.EvaluationLoss(end), TaskErrors.Of(learner.Loss, predictions.ToHost().Values, batch.QueryOnHost()));
    }

    public void Dispose()
    {
        foreach (var batch in _validation.Values)
        {
            batch.Dispose();
        }
    }
}
