using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>How the slow parameters θ are trained: the outer loop.</summary>
public sealed record TrainingOptions
{
    /// <summary>
    /// Most meta-steps, each an update of θ; at least 0, 0 for the learner not meta-trained, to compare with. Default 2000; see
    /// <see cref="Patience"/>.
    /// </summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Tasks of a meta-step, at least 1. Default 16.</summary>
    public int TasksPerStep { get; init; } = 16;

    /// <summary>How θ is optimised; its learning rate is the meta-learning rate. Default Adam, learning rate 0.01.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.Adam(1e-2, epsilon: 1e-8);

    /// <summary>How the meta-learning rate changes. Default <see cref="LearningRateSchedule.Cosine"/>.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Largest Euclidean norm of a meta-gradient; longer ones are scaled down; above 0, null for no limit. Default 10.</summary>
    public double? GradientClippingNorm { get; init; } = 10;

    /// <summary>
    /// Decay of the Polyak average of θ, in [0, 1); 0 for no average. The average is what is validated and kept. Default 0.99.
    /// </summary>
    public double AveragingDecay { get; init; } = 0.99;

    /// <summary>
    /// Share of the tasks (episodes: of the classes, or of their rows where there are few classes) held
    /// out to choose the best θ, in (0, 0.5]. Default 0.15.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.15;

    /// <summary>Validation tasks, drawn once, at least 1. Default 64.</summary>
    public int ValidationTasks { get; init; } = 64;

    /// <summary>
    /// What the best θ is best at on the validation tasks. Default <see cref="ValidationMetric.Loss"/>, which says more of few rows;
    /// the θ of the start is a candidate like any other.
    /// </summary>
    public ValidationMetric SelectBy { get; init; } = ValidationMetric.Loss;

    /// <summary>Meta-steps between two validations, at least 1. Default 25.</summary>
    public int ValidationInterval { get; init; } = 25;

    /// <summary>
    /// Validations without a better one after which θ goes back to the best and the meta-learning rate is halved, at least 1; the training
    /// ends when that has happened three times and brings nothing any more. The fewer tasks there are, the sooner. Default
    /// 6; null to take all <see cref="Steps"/>.
    /// </summary>
    public int? Patience { get; init; } = 6;

    /// <summary>How often the meta-learning rate is halved before a training without gains ends.</summary>
    internal const int MostPlateaus = 3;

    /// <summary>Seed of everything random; null (default) to take one from the <c>MLContext</c>.</summary>
    public int? Seed { get; init; }

    /// <summary>Gets a report after each validation, on the calling thread; null (default) for none.</summary>
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
    }

    internal string Describe() => FormattableString.Invariant(
        $"{Optimizer.Describe()} x {Steps} {Schedule}, {TasksPerStep} tasks, clip {GradientClippingNorm ?? 0}, average {AveragingDecay}");

    internal string DescribeValidation() =>
        FormattableString.Invariant($"{ValidationFraction}, {ValidationTasks} tasks every {ValidationInterval}, ")
        + FormattableString.Invariant($"patience {(Patience is { } validations ? validations : "none")}, by {SelectBy}");
}
