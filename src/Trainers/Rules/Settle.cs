using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Optimizers;
using MLNetMeta.Trainers.Torch;
using MLNetMeta.Trainers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>How long and by which optimiser a phase runs.</summary>
internal sealed record Phase(Optimizer Optimizer, int Steps);

/// <summary>Where a phase ended.</summary>
/// <param name="Phi">φ̂, with task axis.</param>
/// <param name="Residual">‖∂φ 𝓛_β‖ over all tasks before the last step: how far from an equilibrium the phase ended; 0 for a phase of no steps.</param>
internal sealed record Equilibrium(NamedValues<Tensor> Phi, double Residual);

/// <summary>Runs the learning algorithm to (near) equilibrium. β = 0 is the free phase, any other β a nudged phase: one method, β decides.</summary>
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
        return new DivergenceException(
            $"The {(beta == 0 ? "free" : "nudged")} phase diverged within {phase.Steps} steps (task {task} of the meta-batch, nudging strength {beta}). "
            + $"Lower the inner learning rate (it is {phase.Optimizer.LearningRate})"
            + (beta == 0 ? "." : " or the nudging strength."));
    }
}

/// <summary>φ and the optimiser's state between two steps of a phase.</summary>
/// <param name="Phi">φ, with task axis.</param>
/// <param name="Optimizer">What the optimiser remembers.</param>
/// <param name="Step">Steps taken, which say what mini-batch comes next.</param>
internal sealed record PhaseState(NamedValues<Tensor> Phi, OptimizerState<Tensor> Optimizer, int Step)
{
    public IEnumerable<Tensor> Tensors => Phi.Values.Concat(Optimizer.Flatten());

    public static PhaseState Start(NamedValues<Tensor> phi, Phase phase) =>
        new(phi, phase.Optimizer.Rule().Initial(TorchOps.Instance, phi.Values), 0);

    /// <summary>The state after one step of an optimiser; its tensors belong to the outer dispose scope.</summary>
    public PhaseState Next(IUpdateRule rule, Tensor[] direction, double learningRate)
    {
        var (updated, optimizer) = rule.Step(TorchOps.Instance, Phi.Values, direction, Optimizer, learningRate);
        var next = new PhaseState(Phi.With(updated), optimizer, Step + 1);
        foreach (var tensor in next.Tensors)
        {
            tensor.MoveToOuterDisposeScope();
        }

        return next;
    }

    /// <summary>The same values, cut off from how autograd says they came about.</summary>
    public PhaseState Detached() => new(Phi.Select(t => t.detach()), Optimizer.With<Tensor>(Array.ConvertAll(Optimizer.Flatten(), t => t.detach())), Step);

    public void DisposeExcept(PhaseState next)
    {
        var kept = next.Tensors.ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var tensor in Tensors)
        {
            if (!kept.Contains(tensor))
            {
                tensor.Dispose();
            }
        }
    }
}
