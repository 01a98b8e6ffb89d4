using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Optimizers;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>
/// Runs the learning algorithm to (near) equilibrium. β = 0 is the free phase, any other β a nudged phase: one method, β decides.
/// </summary>
/// <remarks>
/// Cost: one gradient of 𝓛_β per step; memory does not grow with the number of steps, unless θ is watched by autograd: then the
/// steps are recorded, which is what unrolling means.
/// </remarks>
internal static class Settle
{
    /// <param name="problem">Learner, θ and data.</param>
    /// <param name="start">φ at the start; stays the caller's.</param>
    /// <param name="beta">Nudging strength.</param>
    /// <param name="phase">Steps and optimiser, whose state starts afresh.</param>
    /// <returns>φ̂; its tensors belong to the caller's dispose scope.</returns>
    /// <exception cref="InvalidOperationException">The phase diverged; the message names the task.</exception>
    /// <exception cref="OperationCanceledException">The problem's cancellation was asked for.</exception>
    public static Equilibrium Run(InnerProblem problem, NamedValues<Tensor> start, double beta, Phase phase)
    {
        using var whole = NewDisposeScope();
        var (end, residual) = Advance(problem, PhaseState.Start(start, phase), beta, phase);
        if (phase.Steps > 0)
        {
            foreach (var tensor in end.Phi.Values)
            {
                tensor.MoveToOuterDisposeScope();
            }
        }

        return new Equilibrium(end.Phi, residual);
    }

    /// <summary>Takes <see cref="Phase.Steps"/> steps from a state, which stays the caller's as the new one does.</summary>
    public static (PhaseState State, double Residual) Advance(InnerProblem problem, PhaseState start, double beta, Phase phase)
    {
        var rule = phase.Optimizer.Rule();
        var state = start;
        var residual = 0.0;
        for (var step = 0; step < phase.Steps; step++)
        {
            problem.Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var gradient = problem.At(state.Step).FastGradient(state.Phi, beta);
            if (step == phase.Steps - 1)
            {
                residual = Norm(gradient);
                if (!double.IsFinite(residual))
                {
                    throw Divergence(gradient, problem.Batch.FirstTask, beta, phase);
                }
            }

            var next = state.Next(rule, problem.Direction(gradient), phase.Optimizer.LearningRate);
            if (step > 0)
            {
                state.DisposeExcept(next);
            }

            state = next;
        }

        return (state, residual);
    }

    private static double Norm(Tensor[] gradient)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(gradient.Sum(g => g.detach().Squared().sum().ToNumber()));
    }

    private static DivergenceException Divergence(Tensor[] gradient, int firstTask, double beta, Phase phase)
    {
        using var scope = NewDisposeScope();
        // The first task whose share of the residual is not finite, as computed there: squares may overflow where the gradient does not.
        var shares = gradient.Select(g => g.detach().Squared().reshape(g.shape[0], -1).sum(1)).Aggregate((a, b) => a.Plus(b));
        var task = firstTask + shares.isfinite().cpu().data<bool>().ToArray().TakeWhile(f => f).Count();
        return new DivergenceException(TrainerThrow.PhaseDiverged(beta, phase.Steps, task, phase.Optimizer.LearningRate));
    }
}
