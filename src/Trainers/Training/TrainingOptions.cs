using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>How the slow parameters θ are trained: the outer loop.</summary>
/// <example>
/// <code>
/// var history = new MetaTrainingHistory();
/// var training = new TrainingOptions { Steps = 1000, TasksPerStep = 16, Optimizer = Optimizer.Adam(0.003), Seed = 1, Progress = history };
/// </code>
/// </example>
public sealed record TrainingOptions
{
    /// <summary>
    /// Maximum number of meta-steps, at least 0. Each is one update of θ. With 0 the learner is not meta-trained, which is useful for
    /// comparison. Default 2000; see <see cref="Patience"/>.
    /// </summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Number of tasks per meta-step, at least 1. Default 16.</summary>
    public int TasksPerStep { get; init; } = 16;

    /// <summary>Optimiser of θ. Its learning rate is the meta-learning rate. Default Adam with learning rate 0.01.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Adam(1e-2, epsilon: 1e-8);

    /// <summary>How the meta-learning rate changes. Default <see cref="LearningRateSchedule.Cosine"/>.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Maximum Euclidean norm of a meta-gradient, above 0. Larger ones are scaled down. Null for no limit. Default 10.</summary>
    public double? GradientClippingNorm { get; init; } = 10;

    /// <summary>Decay of the Polyak average of θ, in [0, 1); 0 for no average. The average is validated and kept. Default 0.99.</summary>
    public double AveragingDecay { get; init; } = 0.99;

    /// <summary>
    /// Share of the tasks held out to choose the best θ, in (0, 0.5]. For episodes it is the share of the classes, or of their rows if
    /// there are too few classes. Default 0.15.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.15;

    /// <summary>Number of validation tasks, at least 1. They are drawn once. Default 64.</summary>
    public int ValidationTasks { get; init; } = 64;

    /// <summary>
    /// The metric on the validation tasks that selects the best θ. Default <see cref="ValidationMetric.Loss"/>, which is more informative
    /// with few rows. The initial θ is also a candidate.
    /// </summary>
    public ValidationMetric SelectBy { get; init; } = ValidationMetric.Loss;

    /// <summary>Number of meta-steps between two validations, at least 1. Default 25.</summary>
    public int ValidationInterval { get; init; } = 25;

    /// <summary>
    /// Number of validations without improvement, at least 1, after which θ returns to the best one so far and the meta-learning rate is
    /// halved. Training ends when this has happened three times and the validation does not improve any more. With fewer tasks, it ends
    /// sooner. Default 6; null to run all <see cref="Steps"/>.
    /// </summary>
    public int? Patience { get; init; } = 6;

    /// <summary>Variants of the images of training tasks; null (default) for none.</summary>
    public ImageAugmentation? Augmentation { get; init; }

    /// <summary>How often the meta-learning rate is halved before a training without gains ends.</summary>
    internal const int MostPlateaus = 3;

    /// <summary>Seed of all random choices; null (default) to take one from the <c>MLContext</c>.</summary>
    public int? Seed { get; init; }

    /// <summary>Receives a report after each validation, on the calling thread; null (default) for none.</summary>
    public IProgress<MetaTrainingProgress>? Progress { get; init; }

    internal void Validate()
    {
        var check = new OptionCheck("Training");
        check.AtLeast(Steps, 0, nameof(Steps));
        check.AtLeast(TasksPerStep, 1, nameof(TasksPerStep));
        check.NotNull(Optimizer, nameof(Optimizer));
        check.Defined(Schedule, nameof(Schedule));
        if (GradientClippingNorm is { } norm)
        {
            check.Positive(norm, nameof(GradientClippingNorm));
        }

        check.Within(AveragingDecay, AveragingDecay is >= 0 and < 1, nameof(AveragingDecay), "at least 0 and below 1");
        check.Within(ValidationFraction, ValidationFraction is > 0 and <= 0.5, nameof(ValidationFraction), "above 0 and at most 0.5");
        check.AtLeast(ValidationTasks, 1, nameof(ValidationTasks));
        check.AtLeast(ValidationInterval, 1, nameof(ValidationInterval));
        check.Defined(SelectBy, nameof(SelectBy));
        check.AtLeast(Patience ?? 1, 1, nameof(Patience));
        Augmentation?.Validate();
    }

    internal string Describe() => FormattableString.Invariant(
        $"{Optimizer.Describe()} x {Steps} {Schedule}, {TasksPerStep} tasks, clip {GradientClippingNorm ?? 0}, average {AveragingDecay}")
        + (Augmentation is { } augmentation ? $", {augmentation.Describe()}" : "");

    internal string DescribeValidation() =>
        FormattableString.Invariant($"{ValidationFraction}, {ValidationTasks} tasks every {ValidationInterval}, ")
        + FormattableString.Invariant($"patience {(Patience is { } validations ? validations : "none")}, by {SelectBy}");
}
