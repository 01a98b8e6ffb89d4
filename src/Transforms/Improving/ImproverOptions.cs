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

    /// <summary>Number of tasks that a step waits for, at least 1. Default 16.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int TasksPerStep
    {
        get => _tasksPerStep;
        init => _tasksPerStep = value >= 1 ? value : throw Throw.OptionTooSmall(nameof(TasksPerStep), value, 1);
    }

    /// <summary>Meta-learning rate, above 0. Null (default) uses the rate of the meta-training before its schedule.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double? LearningRate
    {
        get => _learningRate;
        init => _learningRate = IsPositiveOrNull(value)
            ? value
            : throw Throw.Option(nameof(LearningRate), value!, "a finite number above 0");
    }

    /// <summary>
    /// Maximum age of a contribution in revisions, at least 0. Older contributions are refused. Default 0: only contributions to the
    /// current revision are merged.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int MaximumAge
    {
        get => _maximumAge;
        init => _maximumAge = value >= 0 ? value : throw Throw.OptionTooSmall(nameof(MaximumAge), value, 0);
    }

    /// <summary>
    /// The exponent s, at least 0: a contribution of age a has the weight (1 + a)^−s (Xie, Koyejo and Gupta, 2019). Default 0.5.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double StalenessExponent
    {
        get => _stalenessExponent;
        init => _stalenessExponent = value >= 0 && double.IsFinite(value)
            ? value
            : throw Throw.Option(nameof(StalenessExponent), value, "a finite number of at least 0");
    }

    /// <summary>Maximum Euclidean norm of a contribution, per task, above 0. Contributions with a larger norm are refused. Default
    /// 1000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double MaximumNorm
    {
        get => _maximumNorm;
        init => _maximumNorm = value > 0 ? value : throw Throw.Option(nameof(MaximumNorm), value, "above 0");
    }

    /// <summary>Maximum number of tasks of one contribution, at least 1. Larger contributions are refused, so that none outweighs all
    /// others. Default 10,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int MaximumTasks
    {
        get => _maximumTasks;
        init => _maximumTasks = value >= 1 ? value : throw Throw.OptionTooSmall(nameof(MaximumTasks), value, 1);
    }

    /// <summary>
    /// Maximum Euclidean norm, above 0. If a contribution (the sum over its tasks) has a larger norm, it is scaled down to this one. Null
    /// (default) for no limit.
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
    /// <see cref="ClippingNorm"/>; 0 (default) for none. It protects the sender of a contribution from everybody except the server; see
    /// <see cref="PrivacyAccountant"/> for what it guarantees.
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
