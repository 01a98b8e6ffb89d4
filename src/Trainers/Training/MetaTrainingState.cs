using System.Numerics.Tensors;

namespace MLNetMeta.Trainers.Training;

/// <summary>All that changes during meta-training: what a checkpoint holds.</summary>
internal sealed class MetaTrainingState
{
    // More than that is no accident: the settings do not fit the tasks.
    public const int MostDivergences = 5;

    /// <param name="theta">θ at the start.</param>
    /// <param name="optimizer">What updates it.</param>
    /// <param name="averages">Whether a Polyak average is kept.</param>
    public MetaTrainingState(float[] theta, MetaOptimizer optimizer, bool averages)
    {
        Theta = Best = theta;
        Optimizer = optimizer;
        Average = averages ? theta : null;
    }

    /// <summary>Meta-steps done.</summary>
    public int Step { get; set; }

    /// <summary>θ; vectors are replaced, never written to.</summary>
    public float[] Theta { get; private set; }

    public MetaOptimizer Optimizer { get; }

    /// <summary>Polyak average of θ; null where it is not wanted.</summary>
    public float[]? Average { get; private set; }

    /// <summary>θ (or its average) that did best in validation.</summary>
    public float[] Best { get; private set; }

    /// <summary>Mean validation loss of <see cref="Best"/>.</summary>
    public double BestLoss { get; private set; } = double.PositiveInfinity;

    /// <summary>Error of each validation task with <see cref="Best"/>; empty before the first validation.</summary>
    public float[] BestErrors { get; private set; } = [];

    /// <summary>Error of each validation task with θ of the start; empty where that diverged.</summary>
    public float[] StartErrors { get; private set; } = [];

    public TimeSpan Elapsed { get; set; }

    public List<MetaTrainingProgress> History { get; } = [];

    /// <summary>What has happened since the last report.</summary>
    public StepsSinceReport Unreported { get; set; } = StepsSinceReport.None;

    /// <summary>How often a divergence was undone.</summary>
    public int Divergences { get; private set; }

    /// <summary>How often θ went back to the best since validation had stopped getting better.</summary>
    public int Plateaus { get; private set; }

    /// <summary>Validations since the best one, or since θ last went back to it.</summary>
    public int ValidationsWithoutGain { get; private set; }

    /// <summary>Every divergence and every plateau halves the meta-learning rate.</summary>
    public double RateFactor => Math.Pow(0.5, Divergences + Plateaus);

    /// <summary>
    /// After a divergence: back to the best θ with a fresh optimiser, past the batch that diverged. False where that has been tried too
    /// often, or nothing was validated yet.
    /// </summary>
    public bool TryGoBack()
    {
        if (Divergences == MostDivergences || double.IsPositiveInfinity(BestLoss))
        {
            return false;
        }

        Divergences++;
        Step++;
        GoBack();
        return true;
    }

    /// <summary>After validations without a better one: back to the best θ with a fresh optimiser at half the rate.</summary>
    public void LeavePlateau()
    {
        Plateaus++;
        ValidationsWithoutGain = 0;
        GoBack();
    }

    private void GoBack()
    {
        Theta = Best;
        Average = Average is null ? null : Best;
        Optimizer.Reset(Theta.Length);
    }

    /// <summary>One step of the meta-optimiser and of the average.</summary>
    public void Update(float[] gradient, double learningRate, double averagingDecay)
    {
        Theta = Optimizer.Step(Theta, gradient, learningRate);
        Step++;
        if (Average is { } average)
        {
            // Early on the average forgets its start: a decay of at most step/(step + 10).
            var decay = Math.Min(averagingDecay, Step / (Step + 10.0));
            var next = new float[average.Length];
            TensorPrimitives.Multiply(average, (float)decay, next);
            TensorPrimitives.MultiplyAdd(Theta, (float)(1 - decay), next, next);
            Average = next;
        }
    }

    /// <summary>Keeps the candidate if it is the best so far.</summary>
    /// <param name="candidate">θ or its average.</param>
    /// <param name="loss">Its mean validation loss; NaN where it diverged.</param>
    /// <param name="errors">Its error on each validation task; empty where it diverged.</param>
    /// <param name="by">What counts.</param>
    public void Consider(float[] candidate, double loss, float[] errors, ValidationMetric by)
    {
        if (History.Count == 0)
        {
            StartErrors = errors;
        }

        if (IsBetter(loss, errors, by))
        {
            (Best, BestLoss, BestErrors) = (candidate, loss, errors);
            ValidationsWithoutGain = 0;
        }
        else
        {
            ValidationsWithoutGain++;
        }
    }

    /// <summary>What <see cref="Best"/> is better than the start by, task by task; null where there is nothing to compare.</summary>
    public Gain? Gain() =>
        StartErrors.Length == 0 || BestErrors.Length == 0 ? null : Training.Gain.Between(StartErrors, BestErrors);

    private bool IsBetter(double loss, float[] errors, ValidationMetric by)
    {
        if (by == ValidationMetric.Loss || BestErrors.Length == 0 || errors.Length == 0)
        {
            return loss < BestLoss;
        }

        // Many errors are equal where rows are few: then the loss decides.
        return (errors.Average(), loss).CompareTo((BestErrors.Average(), BestLoss)) < 0;
    }

    /// <summary>Takes over what a checkpoint held.</summary>
    public void Restore(
        int step, int divergences, int plateaus, int validationsWithoutGain, TimeSpan elapsed, float[] theta, float[]? average,
        float[] best, double bestLoss, float[] bestErrors, float[] startErrors, StepsSinceReport unreported,
        IEnumerable<MetaTrainingProgress> history)
    {
        (Step, Divergences, Plateaus, ValidationsWithoutGain, Elapsed) = (step, divergences, plateaus, validationsWithoutGain, elapsed);
        (Theta, Average, Best, BestLoss, Unreported) = (theta, average, best, bestLoss, unreported);
        (BestErrors, StartErrors) = (bestErrors, startErrors);
        History.Clear();
        History.AddRange(history);
    }
}
