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

    /// <summary>θ (or its average) of the lowest validation loss.</summary>
    public float[] Best { get; private set; }

    public double BestLoss { get; private set; } = double.PositiveInfinity;

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

    /// <summary>Keeps the candidate if its validation loss is the lowest so far.</summary>
    public void Consider(float[] candidate, double loss)
    {
        if (loss < BestLoss)
        {
            (Best, BestLoss) = (candidate, loss);
            ValidationsWithoutGain = 0;
        }
        else
        {
            ValidationsWithoutGain++;
        }
    }

    /// <summary>Takes over what a checkpoint held.</summary>
    public void Restore(
        int step, int divergences, int plateaus, int validationsWithoutGain, TimeSpan elapsed, float[] theta, float[]? average,
        float[] best, double bestLoss, StepsSinceReport unreported, IEnumerable<MetaTrainingProgress> history)
    {
        (Step, Divergences, Plateaus, ValidationsWithoutGain, Elapsed) = (step, divergences, plateaus, validationsWithoutGain, elapsed);
        (Theta, Average, Best, BestLoss, Unreported) = (theta, average, best, bestLoss, unreported);
        History.Clear();
        History.AddRange(history);
    }
}
