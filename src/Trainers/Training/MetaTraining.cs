using System.Diagnostics;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Torch;

namespace MLNetMeta.Trainers.Training;

/// <summary>What the meta-training loop needs to know beside its learner and rule.</summary>
internal sealed record MetaTrainingPlan
{
    public required Optimizer Optimizer { get; init; }

    public required MetaLearningRateSchedule Schedule { get; init; }

    public required int Steps { get; init; }

    /// <summary>Decay of the Polyak average of θ; 0 for none.</summary>
    public required double AveragingDecay { get; init; }

    public required int ValidationInterval { get; init; }

    public required int TasksPerMetaStep { get; init; }

    public required int ValidationTasks { get; init; }

    public required Action<MetaTrainingProgress> Report { get; init; }

    /// <summary>Called when a divergence was undone.</summary>
    public required Action<string> Warn { get; init; }

    public required CheckpointSchedule Checkpoints { get; init; }
}

/// <summary>The meta-training loop: ask for the contributions of tasks, update θ, validate, keep the best.</summary>
internal sealed class MetaTraining(IContributor contributor, MetaTrainingPlan plan)
{
    /// <summary>Runs from <paramref name="state"/> to the last step, or until cancelled; leaves the best θ in the state.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the state is that of the last whole meta-step and has been checkpointed.</exception>
    /// <exception cref="IOException">Cancelled, and the checkpoint could not be written.</exception>
    /// <exception cref="InvalidOperationException">The training diverged; the message says at which step.</exception>
    public void Run(MetaTrainingState state, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var before = state.Elapsed;
        try
        {
            while (state.Step < plan.Steps || IsValidationDue(state))
            {
                cancellation.ThrowIfCancellationRequested();
                if (IsValidationDue(state))
                {
                    Validate(state, cancellation);
                }
                else
                {
                    Step(state, cancellation);
                }

                state.Elapsed = before + clock.Elapsed;
                if (state.Step == plan.Steps && !IsValidationDue(state))
                {
                    plan.Checkpoints.WriteLast(state);
                }
                else
                {
                    plan.Checkpoints.WriteWhenDue(state);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            plan.Checkpoints.WriteInterrupted(state);
            throw;
        }
    }

    /// <summary>Before the first step, after every interval and after the last step, unless it has been done: a function of the state, so that a resumed run catches up on it.</summary>
    private bool IsValidationDue(MetaTrainingState state) =>
        (state.Step % plan.ValidationInterval == 0 || state.Step == plan.Steps) && (state.History.Count == 0 || state.History[^1].Step < state.Step);

    private void Step(MetaTrainingState state, CancellationToken cancellation)
    {
        var rate = plan.Optimizer.LearningRate * plan.Schedule.Factor(state.Step, plan.Steps) * state.RateFactor;
        using var contribution = Contribute(state, cancellation);
        if (contribution is null)
        {
            state.Unreported = state.Unreported.AndDivergence(rate);
            return;
        }

        using var gradient = contribution.MeanGradient();
        state.Update(gradient, rate, plan.AveragingDecay);
        state.Unreported = state.Unreported.And(contribution, gradient.Norm(), rate);
    }

    /// <summary>What the tasks of the step add up to; null where they diverged and θ went back to the best so far.</summary>
    private Contribution? Contribute(MetaTrainingState state, CancellationToken cancellation)
    {
        try
        {
            var contribution = contributor.Contribute(state.Theta, TaskRange.Training(state.Step, plan.TasksPerMetaStep), cancellation);
            if (contribution.IsFinite)
            {
                return contribution;
            }

            contribution.Dispose();
            throw new DivergenceException("The meta-gradient is not finite. Lower the meta-learning rate or the inner learning rate.");
        }
        catch (DivergenceException failure)
        {
            var message = $"Meta-training diverged at meta-step {state.Step + 1}: {failure.Message}";
            if (!state.TryGoBack())
            {
                throw new InvalidOperationException(message, failure);
            }

            plan.Warn($"{message} Went on from the best parameters so far with the meta-learning rate halved.");
            return null;
        }
    }

    private void Validate(MetaTrainingState state, CancellationToken cancellation)
    {
        var candidate = state.Average ?? state.Theta;
        var loss = EvaluationLossOrNaN(candidate, cancellation);
        state.Consider(candidate, loss);
        var since = state.Unreported;
        var report = new MetaTrainingProgress(
            state.Step, plan.Steps, since.MeanLoss(), loss, state.BestLoss, since.GradientNorm, since.FreeResidual, since.NudgedResidual, since.LearningRate, state.Elapsed);
        state.History.Add(report);
        state.Unreported = StepsSinceReport.None;
        plan.Report(report);
    }

    /// <summary>Mean evaluation loss of the validation tasks.</summary>
    private double EvaluationLossOrNaN(Parameters theta, CancellationToken cancellation)
    {
        try
        {
            return contributor.EvaluationLoss(theta, TaskRange.Validation(plan.ValidationTasks), cancellation) / plan.ValidationTasks;
        }
        catch (DivergenceException failure)
        {
            plan.Warn($"Validation diverged: {failure.Message}");
            return double.NaN;
        }
    }
}
