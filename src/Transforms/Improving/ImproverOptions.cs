using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms;

/// <summary>How contributions are merged into the next revision of a learner.</summary>
public sealed record ImproverOptions
{
    private readonly int _tasksPerStep = 16;
    private readonly double? _learningRate;
    private readonly int _maximumAge;
    private readonly double _stalenessExponent = 0.5;
    private readonly double _maximumNorm = 1000;
    private readonly int _maximumTasks = 10_000;
    private readonly double? _clippingNorm;
    private readonly double _noiseMultiplier;

    /// <summary>Tasks that a step waits for, at least 1. Default 16.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int TasksPerStep
    {
        get => _tasksPerStep;
        init => _tasksPerStep = value >= 1 ? value : throw Throw.OptionTooSmall(nameof(TasksPerStep), value, 1);
    }

    /// <summary>Meta-learning rate, above 0; null (default) for that of the meta-training before its schedule.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double? LearningRate
    {
        get => _learningRate;
        init => _learningRate = IsPositiveOrNull(value)
            ? value
            : throw Throw.Option(nameof(LearningRate), value!, "a finite number above 0");
    }

    /// <summary>
    /// How many revisions old a contribution may be, at least 0. Older ones are refused. Default 0: only those of the current
    /// revision are merged.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int MaximumAge
    {
        get => _maximumAge;
        init => _maximumAge = value >= 0 ? value : throw Throw.OptionTooSmall(nameof(MaximumAge), value, 0);
    }

    /// <summary>
    /// A contribution of age a has the weight (1 + a)^−s (Xie, Koyejo and Gupta, 2019); this is s, at least 0. Default 0.5.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double StalenessExponent
    {
        get => _stalenessExponent;
        init => _stalenessExponent = value >= 0 && double.IsFinite(value)
            ? value
            : throw Throw.Option(nameof(StalenessExponent), value, "a finite number of at least 0");
    }

    /// <summary>Largest Euclidean norm of a contribution, per task, above 0: longer ones are refused. Default 1000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double MaximumNorm
    {
        get => _maximumNorm;
        init => _maximumNorm = value > 0 ? value : throw Throw.Option(nameof(MaximumNorm), value, "above 0");
    }

    /// <summary>Most tasks of one contribution, at least 1: larger ones are refused, so that none outweighs all others. Default
    /// 10,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaximumTasks
    {
        get => _maximumTasks;
        init => _maximumTasks = value >= 1 ? value : throw Throw.OptionTooSmall(nameof(MaximumTasks), value, 1);
    }

    /// <summary>
    /// Euclidean norm that every contribution, the sum over its tasks, is scaled down to where it is longer; above 0, null (default) for no
    /// limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double? ClippingNorm
    {
        get => _clippingNorm;
        init => _clippingNorm = IsPositiveOrNull(value)
            ? value
            : throw Throw.Option(nameof(ClippingNorm), value!, "a finite number above 0, or null for no limit");
    }

    /// <summary>
    /// Standard deviation of the Gaussian noise that is added to the sum of the contributions of a step, in units of
    /// <see cref="ClippingNorm"/>; 0 (default) for none. What it guarantees to the sender of a contribution towards everybody but the
    /// server: <see cref="PrivacyAccountant"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double NoiseMultiplier
    {
        get => _noiseMultiplier;
        init => _noiseMultiplier = value >= 0 && double.IsFinite(value)
            ? value
            : throw Throw.Option(nameof(NoiseMultiplier), value, "a finite number of at least 0");
    }

    /// <exception cref="ArgumentException">Options contradict each other.</exception>
    internal void Validate()
    {
        if (NoiseMultiplier > 0 && ClippingNorm is null)
        {
            throw Throw.NoiseWithoutClipping(nameof(ImproverOptions));
        }
    }

    private static bool IsPositiveOrNull(double? value) => value is null || value > 0 && double.IsFinite(value.Value);
}
