using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>
/// Backpropagation through the free phase, its optimiser and its start: the gradient of MAML (Finn et al., 2017), for any inner optimiser.
/// </summary>
/// <remarks>
/// Exact for the algorithm as it ran, settled or not. Cost: a second pass through all recorded steps; memory grows with their number.
/// Truncated, only the last steps of the same run are recorded: what θ did before is left out.
/// </remarks>
internal sealed class UnrolledRule(int? lastSteps, Phase free) : IMetaGradientRule
{
    public string Name => lastSteps is null ? "unrolled" : "truncated unrolling";

    public MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        var watched = InnerProblem.Watched(learner, theta.Values, batch, cancellation);
        var recorded = Math.Min(lastSteps ?? free.Steps, free.Steps);
        var start = recorded == free.Steps
            ? PhaseState.Start(watched.InitialFast(), free)
            : Unrecorded(free.Steps - recorded);
        var (end, residual) = Settle.Advance(watched, start, 0, free with { Steps = recorded });
        var loss = watched.At(free.Steps).EvaluationLossTensor(end.Phi);
        var gradient = Autograd.Product([loss], watched.Theta.Values, [ones_like(loss)]);
        return new MetaGradient(new Parameters(theta.Values.With(gradient)), loss.ToNumber(), residual, 0);

        PhaseState Unrecorded(int steps)
        {
            var problem = new InnerProblem(learner, theta.Values, batch, cancellation);
            return Settle.Advance(problem, PhaseState.Start(problem.InitialFast(), free), 0, free with { Steps = steps }).State.Detached();
        }
    }
}
