using System.Diagnostics;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Training;

/// <summary>The meta-training loop: ask for the contributions of tasks, update θ, validate, keep the best.</summary>
/// <param name="contributor">Who computes.</param>
/// <param name="options">How θ is trained.</param>
/// <param name="log">Who follows.</param>
/// <param name="checkpoints">When the state is kept.</param>
/// <param name="hasClasses">Whether errors are shares of wrong predictions.</param>
/// <param name="until">Where to pause, a meta-step; null to go on to the last one.</param>
internal sealed class MetaTraining(
    IContributor contributor, TrainingOptions options, ITrainingLog log, CheckpointSchedule checkpoints, bool hasClasses,
    int? until = null)
{
    /// <summary>Runs from <paramref name="state"/> to the last step, or until cancelled; leaves the best θ in the state.</summary>
    /// <exception cref="OperationCanceledException">
    /// Cancelled; the state is that of the last whole meta-step and has been checkpointed.
    /// </exception>
    /// <exception cref="IOException">Cancelled, and the checkpoint could not be written.</exception>
    /// <exception cref="InvalidOperationException">The training diverged; the message says at which step.</exception>
    public void Run(MetaTrainingState state, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var before = state.Elapsed;
        try
        {
            while (!HasEnded(state) || IsValidationDue(state))
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
                if (HasEnded(state) && !IsValidationDue(state))
                {
                    checkpoints.WriteLast(state);
                    Conclude(state);
                }
                else
                {
                    checkpoints.WriteWhenDue(state);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            checkpoints.WriteInterrupted(state);
            throw;
        }
    }

    private int Last => Math.Min(until ?? options.Steps, options.Steps);

    private bool HasEnded(MetaTrainingState state) => state.Step >= Last || HasGivenUp(state);

    private bool HasGivenUp(MetaTrainingState state) => state.Plateaus == TrainingOptions.MostPlateaus && HasNoPatience(state);

    private bool HasNoPatience(MetaTrainingState state) => state.ValidationsWithoutGain >= options.Patience;

    /// <summary>
    /// Before the first step, after every interval and after the last step, unless it has been done: a function of
    /// the state, so that a resumed run catches up on it.
    /// </summary>
    private bool IsValidationDue(MetaTrainingState state) =>
        (state.Step % options.ValidationInterval == 0 || state.Step == Last)
            && (state.History.Count == 0 || state.History[^1].Step < state.Step);

    /// <summary>Says how a training ended: before its last step, or for nothing. One that pauses has not ended.</summary>
    private void Conclude(MetaTrainingState state)
    {
        if (state.Step < options.Steps)
        {
            if (!HasGivenUp(state))
            {
                return;
            }

            log.Inform($"Meta-training ended at meta-step {state.Step} of at most {options.Steps}: validation had stopped improving.");
        }

        if (state.Step > 0 && state.Gain() is { } gain)
        {
            log.Inform(TrainerThrow.Gained(hasClasses, gain.Mean, gain.Interval95, gain.Tasks));
        }

        WarnOfNoGain(state);
    }

    /// <summary>The θ of the start is a candidate like any other: where it is the best, the learner is not a meta-trained one.</summary>
    private void WarnOfNoGain(MetaTrainingState state)
    {
        var (start, later) = (state.History[0].ValidationLoss, state.History.Skip(1).Select(report => report.ValidationLoss).ToArray());
        if (later.Length > 0 && state.BestLoss.Equals(start))
        {
            log.Warn(TrainerThrow.NoGain(start, later.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min(), options.Steps));
        }
    }

    private void Step(MetaTrainingState state, CancellationToken cancellation)
    {
        var rate = options.Optimizer.LearningRate * options.Schedule.Factor(state.Step, options.Steps) * state.RateFactor;
        var contribution = Contribute(state, cancellation);
        if (contribution is null)
        {
            state.Unreported = state.Unreported.AndDivergence(rate);
            return;
        }

        var gradient = contribution.MeanGradient();
        state.Update(gradient, rate, options.AveragingDecay);
        state.Unreported = state.Unreported.And(contribution, MetaOptimizer.Norm(gradient), rate);
    }

    /// <summary>What the tasks of the step add up to; null where they diverged and θ went back to the best so far.</summary>
    private Contribution? Contribute(MetaTrainingState state, CancellationToken cancellation)
    {
        try
        {
            var contribution = contributor.Contribute(state.Theta, TaskRange.Training(state.Step, options.TasksPerStep), cancellation);
            if (contribution.IsFinite)
            {
                return contribution;
            }

            throw new DivergenceException(TrainerThrow.MetaGradientNotFinite);
        }
        catch (DivergenceException failure)
        {
            var divergence = TrainerThrow.Diverged(state.Step + 1, failure);
            if (!state.TryGoBack())
            {
                throw divergence;
            }

            log.Warn($"{divergence.Message} Training continues from the best parameters so far, at half the meta-learning rate.");
            return null;
        }
    }

    private void Validate(MetaTrainingState state, CancellationToken cancellation)
    {
        var candidate = state.Average ?? state.Theta;
        var validation = ValidationOrNull(candidate, cancellation);
        var loss = validation is null ? double.NaN : validation.Loss / options.ValidationTasks;
        state.Consider(candidate, loss, validation?.Errors ?? [], options.SelectBy);
        if (HasNoPatience(state) && state.Plateaus < TrainingOptions.MostPlateaus)
        {
            state.LeavePlateau();
        }

        var (since, gain) = (state.Unreported, state.Gain());
        var report = new MetaTrainingProgress
        {
            Step = state.Step,
            TotalSteps = options.Steps,
            TrainingLoss = since.MeanLoss(),
            ValidationLoss = loss,
            ValidationAccuracy = hasClasses ? 1 - validation?.Errors.Average(error => (double)error) : null,
            BestValidationLoss = state.BestLoss,
            Gain = gain?.Mean,
            GainInterval95 = gain?.Interval95,
            GradientNorm = since.GradientNorm,
            FreeResidual = since.FreeResidual,
            NudgedResidual = since.NudgedResidual,
            LearningRate = since.LearningRate,
            Elapsed = state.Elapsed,
        };
        state.History.Add(report);
        state.Unreported = StepsSinceReport.None;
        log.Report(report);
    }

    /// <summary>What the validation tasks come to; null where a phase diverged.</summary>
    private Validation? ValidationOrNull(float[] theta, CancellationToken cancellation)
    {
        try
        {
            return contributor.Validate(theta, TaskRange.Validation(options.ValidationTasks), cancellation);
        }
        catch (DivergenceException failure)
        {
            log.Warn($"Validation diverged: {failure.Message}");
            return null;
        }
    }
}
