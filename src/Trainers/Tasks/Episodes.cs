using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>
/// Tasks that are drawn from the label's classes: some classes at random, some rows of
/// each. The learner adapts to any number of new classes.
/// </summary>
/// <remarks>
/// Classification only. Also called N-way K-shot episodes (Vinyals et al., 2016). Classes with fewer rows than the smallest number of
/// <see cref="Shots"/> + 1 are
/// left out, with a warning.
/// </remarks>
public sealed record Episodes : FewShotTasks
{
    /// <summary>Classes of a task, at least 2. Default 5.</summary>
    public int Ways { get; init; } = 5;

    /// <summary>Support rows of each class, a number or a range from at least 1. Default 1 to 10.</summary>
    public RowRange Shots { get; init; } = (1, 10);

    internal override string? ColumnName => null;

    internal override void Validate(bool isClassification)
    {
        Check.AtLeast(Ways, 2, nameof(Ways));
        Valid(Shots, nameof(Shots));
        base.Validate(isClassification);
    }

    internal override TaskSplit Split(TaskData data, double validationFraction, Random random) =>
        TaskSplit.OfClasses(data, validationFraction, Ways, Shots, QueryRows, random);

    internal override TaskSplit SplitForSearch(TaskData data, double validationFraction, Random random) =>
        TaskSplit.OfNewClasses(data, validationFraction, Ways, Shots, QueryRows, random);

    internal override TaskData Usable(TaskData data, int minimumTasks) => EpisodeRequirements.Classes(data, Ways, Shots.Minimum);

    internal override IEpisodeSource All(TaskData data) => new ClassSource(data, Every(data), Ways, Shots, QueryRows);

    internal override string Describe() => FormattableString.Invariant($"{Ways}-way {Shots}-shot, {QueryRows} query");
}
