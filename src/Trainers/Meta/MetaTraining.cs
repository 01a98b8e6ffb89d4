using System.Diagnostics;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Meta;

/// <summary>What the meta-training loop needs to know beside its learner and rule.</summary>
internal sealed record MetaTrainingPlan
{
    public required Optimizer Optimizer { get; init; }

    public required MetaLearningRateSchedule Schedule { get; init; }

    public required int Steps { get; init; }

    public required double? ClipNorm { get; init; }

    /// <summary>Decay of the Polyak average of θ; 0 for none.</summary>
    public required double AveragingDecay { get; init; }

    public required int ValidationInterval { get; init; }

    /// <summary>How validation adapts.</summary>
    public required Phase Free { get; init; }

    public required int TasksPerShard { get; init; }

    /// <summary>The meta-batch of a step: a function of the step alone, so that a resumed run draws what it would have drawn.</summary>
    public required Func<int, EpisodeBatch> Draw { get; init; }

    public required EpisodeBatch Validation { get; init; }

    public required Action<MetaTrainingProgress> Report { get; init; }

    /// <summary>Called when a divergence was undone.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Called often; writes a checkpoint when one is due.</summary>
    public required Action<MetaTrainingState, bool> Checkpoint { get; init; }
}

/// <summary>The meta-training loop: draw tasks, estimate the meta-gradient, update θ, validate, keep the best.</summary>
internal sealed class MetaTraining(ILearner learner, ShardedMetaGradient rule, MetaTrainingPlan plan)
{
    /// <summary>Runs from <paramref name="state"/> to the last step, or until cancelled; leaves the best θ in the state.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the state is consistent and has been checkpointed.</exception>
    /// <exception cref="InvalidOperationException">The training diverged; the message says at which step.</exception>
    public void Run(MetaTrainingState state, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var before = state.Elapsed;
        var losses = (Sum: 0.0, Count: 0);
        if (state.Step == 0 && state.History.Count == 0)
        {
            Validate(state, (0, 0), null, 0);
        }

        while (state.Step < plan.Steps)
        {
            if (cancellation.IsCancellationRequested)
            {
                plan.Checkpoint(state, true);
                cancellation.ThrowIfCancellationRequested();
            }

            var rate = plan.Optimizer.LearningRate * plan.Schedule.Factor(state.Step, plan.Steps) * state.RateFactor;
            using var batch = plan.Draw(state.Step);
            using var estimate = Estimate(state, batch);
            if (estimate is not null)
            {
                state.Update(estimate.Gradient, rate, plan.AveragingDecay);
                losses = (losses.Sum + estimate.EvaluationLoss, losses.Count + 1);
            }

            state.Elapsed = before + clock.Elapsed;

            if (state.Step % plan.ValidationInterval == 0 || state.Step == plan.Steps)
            {
                Validate(state, losses, estimate, rate);
                losses = default;
            }

            plan.Checkpoint(state, state.Step == plan.Steps);
        }
    }

    /// <summary>The meta-gradient; null where the batch diverged and θ went back to the best so far.</summary>
    private MetaGradient? Estimate(MetaTrainingState state, EpisodeBatch batch)
    {
        try
        {
            var estimate = rule.Estimate(learner, state.Theta, batch);
            if (estimate.Gradient.IsFinite() && double.IsFinite(estimate.EvaluationLoss))
            {
                return estimate;
            }

            estimate.Dispose();
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

    private void Validate(MetaTrainingState state, (double Sum, int Count) losses, MetaGradient? estimate, double rate)
    {
        var candidate = state.Average ?? state.Theta;
        var loss = EvaluationLossOrNaN(candidate);
        state.Consider(candidate, loss);
        var report = new MetaTrainingProgress(
            state.Step, plan.Steps, losses.Count == 0 ? double.NaN : losses.Sum / losses.Count, loss, state.BestLoss,
            estimate?.Gradient.Norm() ?? double.NaN, estimate?.FreeResidual ?? double.NaN, estimate?.NudgedResidual ?? double.NaN, rate, state.Elapsed);
        state.History.Add(report);
        plan.Report(report);
    }

    private double EvaluationLossOrNaN(Parameters theta)
    {
        try
        {
            return EvaluationLoss(theta);
        }
        catch (DivergenceException failure)
        {
            plan.Warn($"Validation diverged: {failure.Message}");
            return double.NaN;
        }
    }

    /// <summary>Mean evaluation loss of the validation tasks after a free phase.</summary>
    private double EvaluationLoss(Parameters theta)
    {
        var sum = 0.0;
        for (var start = 0; start < plan.Validation.Tasks; start += plan.TasksPerShard)
        {
            using var scope = NewDisposeScope();
            using var shard = plan.Validation.Slice(start, Math.Min(plan.TasksPerShard, plan.Validation.Tasks - start));
            var problem = new InnerProblem(learner, theta.Values, shard);
            sum += problem.EvaluationLoss(Settle.Run(problem, problem.InitialFast(), 0, plan.Free).Phi);
        }

        return sum / plan.Validation.Tasks;
    }
}
