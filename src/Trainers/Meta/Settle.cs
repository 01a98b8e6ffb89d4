using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Numerics;
using MLNetMeta.Trainers.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Meta;

/// <summary>How long and by which optimiser a phase runs.</summary>
internal sealed record Phase(Optimizer Optimizer, int Steps);

/// <summary>Where a phase ended.</summary>
/// <param name="Phi">φ̂, with task axis.</param>
/// <param name="Residual">‖∂φ 𝓛_β‖ over all tasks before the last step: how far from an equilibrium the phase ended; 0 for a phase of no steps.</param>
internal sealed record Equilibrium(NamedValues<Tensor> Phi, double Residual);

/// <summary>Runs the learning algorithm to (near) equilibrium. β = 0 is the free phase, any other β a nudged phase: one method, β decides.</summary>
/// <remarks>Cost: one gradient of 𝓛_β per step; memory does not grow with the number of steps.</remarks>
internal static class Settle
{
    /// <param name="problem">Learner, θ and data.</param>
    /// <param name="start">φ at the start; stays the caller's.</param>
    /// <param name="beta">Nudging strength.</param>
    /// <param name="phase">Steps and optimiser, whose state starts afresh.</param>
    /// <returns>φ̂; its tensors belong to the caller's dispose scope.</returns>
    /// <exception cref="InvalidOperationException">The phase diverged; the message names the task.</exception>
    public static Equilibrium Run(InnerProblem problem, NamedValues<Tensor> start, double beta, Phase phase)
    {
        var rule = phase.Optimizer.Rule();
        var ops = TorchOps.Instance;
        using var whole = NewDisposeScope();
        var phi = start;
        var state = rule.Initial(ops, start.Values);
        var residual = 0.0;
        for (var step = 0; step < phase.Steps; step++)
        {
            using var scope = NewDisposeScope();
            var gradient = problem.FastGradient(phi, beta);
            if (step == phase.Steps - 1)
            {
                residual = Norm(gradient);
                if (!double.IsFinite(residual))
                {
                    throw Divergence(gradient, problem.Batch.FirstTask, beta, phase);
                }
            }

            var (updated, nextState) = rule.Step(ops, phi.Values, gradient, state, phase.Optimizer.LearningRate);
            Replace(phi.Values, updated, dispose: step > 0);
            Replace(state.Flatten(), nextState.Flatten(), dispose: true);
            phi = phi.With(updated);
            state = nextState;
        }

        if (phase.Steps > 0)
        {
            foreach (var tensor in phi.Values)
            {
                tensor.MoveToOuterDisposeScope();
            }
        }

        return new Equilibrium(phi, residual);
    }

    private static void Replace(Tensor[] old, Tensor[] updated, bool dispose)
    {
        foreach (var tensor in updated)
        {
            tensor.MoveToOuterDisposeScope();
        }

        if (!dispose)
        {
            return;
        }

        for (var i = 0; i < old.Length; i++)
        {
            if (!ReferenceEquals(old[i], updated[i]))
            {
                old[i].Dispose();
            }
        }
    }

    private static double Norm(Tensor[] gradient)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(gradient.Sum(g => g.Squared().sum().ToNumber()));
    }

    private static InvalidOperationException Divergence(Tensor[] gradient, int firstTask, double beta, Phase phase)
    {
        using var scope = NewDisposeScope();
        // The first task whose share of the residual is not finite, as computed there: squares may overflow where the gradient does not.
        var shares = gradient.Select(g => g.Squared().reshape(g.shape[0], -1).sum(1)).Aggregate((a, b) => a.Plus(b));
        var task = firstTask + shares.isfinite().data<bool>().ToArray().TakeWhile(f => f).Count();
        return new InvalidOperationException(
            $"The {(beta == 0 ? "free" : "nudged")} phase diverged within {phase.Steps} steps (task {task} of the meta-batch, nudging strength {beta}). "
            + $"Lower the inner learning rate (it is {phase.Optimizer.LearningRate})"
            + (beta == 0 ? "." : " or the nudging strength."));
    }
}
