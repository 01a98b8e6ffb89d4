using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>
/// Tasks that are drawn from the classes in the label column: each task has some random classes and some rows of each. The learner adapts
/// to any number of new classes.
/// </summary>
/// <remarks>
/// Classification only. Such tasks are also called N-way K-shot episodes (Vinyals et al., 2016). Classes with fewer rows than the minimum
/// of <see cref="Shots"/> + 1 are left out, with a warning.
/// </remarks>
/// <example>
/// <code>
/// // Tasks of five classes with one to five rows of each.
/// var tasks = new Episodes { Ways = 5, Shots = (1, 5) };
/// </code>
/// </example>
public sealed record Episodes : FewShotTasks
{
    /// <summary>Number of classes of a task, at least 2. Default 5.</summary>
    public int Ways { get; init; } = 5;

    /// <summary>Number of support rows of each class: a number, or a range that starts at 1 or above. Default 1 to 10.</summary>
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
