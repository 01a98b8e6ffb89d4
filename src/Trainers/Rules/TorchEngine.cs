using System.Collections.Concurrent;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Computes contributions by a rule in libtorch, on the thread that asks. Tasks are what is parallel: libtorch keeps to one thread meanwhile.</summary>
/// <param name="learner">The learner.</param>
/// <param name="rule">How the meta-gradient is estimated.</param>
/// <param name="free">How validation adapts.</param>
/// <param name="episodes">The tasks.</param>
internal sealed class TorchEngine(ILearner learner, IMetaGradientRule rule, Phase free, IEpisodeBatches episodes) : IContributor, IDisposable
{
    // The same tasks are validated on again and again.
    private readonly ConcurrentDictionary<TaskRange, EpisodeBatch> _validation = [];

    public Contribution Contribute(Parameters theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        using var one = OneTorchThread.Begin();
        using var batch = episodes.Of(tasks);
        return rule.Estimate(learner, theta, batch, cancellation);
    }

    public double EvaluationLoss(Parameters theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        using var one = OneTorchThread.Begin();
        using var scope = NewDisposeScope();
        var problem = new InnerProblem(learner, theta.Values, _validation.GetOrAdd(tasks, episodes.Of), cancellation);
        return problem.EvaluationLoss(Settle.Run(problem, problem.InitialFast(), 0, free).Phi);
    }

    public void Dispose()
    {
        foreach (var batch in _validation.Values)
        {
            batch.Dispose();
        }
    }
}
