using MLNetMeta.Trainers.Torch;

namespace MLNetMeta.Trainers.Training;

/// <summary>All that changes during meta-training: what a checkpoint holds.</summary>
internal sealed class MetaTrainingState : IDisposable
{
    // More than that is no accident: the settings do not fit the tasks.
    public const int MostDivergences = 5;

    public MetaTrainingState(Parameters theta, MetaOptimizer optimizer, bool averages)
    {
        Theta = theta;
        Optimizer = optimizer;
        Average = averages ? theta.Clone() : null;
        Best = theta.Clone();
    }

    /// <summary>Meta-steps done.</summary>
    public int Step { get; set; }

    public Parameters Theta { get; private set; }

    public MetaOptimizer Optimizer { get; }

    /// <summary>Polyak average of θ; null where it is not wanted.</summary>
    public Parameters? Average { get; private set; }

    /// <summary>θ (or its average) of the lowest validation loss.</summary>
    public Parameters Best { get; private set; }

    public double BestLoss { get; private set; } = double.PositiveInfinity;

    public TimeSpan Elapsed { get; set; }

    public List<MetaTrainingProgress> History { get; } = [];

    /// <summary>What has happened since the last report.</summary>
    public StepsSinceReport Unreported { get; set; } = StepsSinceReport.None;

    /// <summary>How often a divergence was undone.</summary>
    public int Divergences { get; private set; }

    /// <summary>Every divergence halves the meta-learning rate.</summary>
    public double RateFactor => Math.Pow(0.5, Divergences);

    /// <summary>After a divergence: back to the best θ with a fresh optimiser, past the batch that diverged. False where that has been tried too often, or nothing was validated yet.</summary>
    public bool TryGoBack()
    {
        if (Divergences == MostDivergences || double.IsPositiveInfinity(BestLoss))
        {
            return false;
        }

        Divergences++;
        Step++;
        Theta.Dispose();
        Theta = Best.Clone();
        if (Average is { } average)
        {
            average.Dispose();
            Average = Best.Clone();
        }

        Optimizer.Reset(Theta);
        return true;
    }

    /// <summary>One step of the meta-optimiser and of the average.</summary>
    public void Update(Parameters gradient, double learningRate, double averagingDecay)
    {
        var updated = Optimizer.Step(Theta, gradient, learningRate);
        Theta.Dispose();
        Theta = updated;
        Step++;
        if (Average is { } average)
        {
            // Early on the average forgets its start: a decay of at most step/(step + 10).
            var decay = Math.Min(averagingDecay, Step / (Step + 10.0));
            Average = average.Zip(Theta, (a, t) => a.Times(decay).Plus(t, 1 - decay));
            average.Dispose();
        }
    }

    /// <summary>Keeps a copy of the candidate if its validation loss is the lowest so far.</summary>
    public void Consider(Parameters candidate, double loss)
    {
        if (!(loss < BestLoss))
        {
            return;
        }

        Best.Dispose();
        Best = candidate.Clone();
        BestLoss = loss;
    }

    /// <summary>Takes over what a checkpoint held.</summary>
    public void Restore(
        int step, int divergences, TimeSpan elapsed, Parameters theta, Parameters? average, Parameters best, double bestLoss, StepsSinceReport unreported, IEnumerable<MetaTrainingProgress> history)
    {
        Dispose(Theta, Average, Best);
        (Step, Divergences, Elapsed, Theta, Average, Best, BestLoss, Unreported) = (step, divergences, elapsed, theta, average, best, bestLoss, unreported);
        History.Clear();
        History.AddRange(history);
    }

    public void Dispose()
    {
        Dispose(Theta, Average, Best);
        Optimizer.Dispose();
    }

    private static void Dispose(params Parameters?[] parameters)
    {
        foreach (var p in parameters)
        {
            p?.Dispose();
        }
    }
}
