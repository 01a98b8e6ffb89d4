using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>
/// Tasks that are drawn from the label's classes: some classes at random, some rows of
/// each. The learner adapts to any number of new classes.
/// </summary>
/// <remarks>
/// Classification only. Also called N-way K-shot episodes (Vinyals et al., 2016). Classes with fewer than <see cref="Shots"/> + 1 rows are
/// left out, with a warning.
/// </remarks>
public sealed record Episodes : FewShotTasks
{
    /// <summary>Classes of a task, at least 2. Default 5.</summary>
    public int Ways { get; init; } = 5;

    /// <summary>Support rows of each class, at least 1. Default 5: meta-train with what the app will have.</summary>
    public int Shots { get; init; } = 5;

    internal override string? ColumnName => null;

    internal override void Validate()
    {
        Check.AtLeast(Ways, 2, nameof(Ways));
        Check.AtLeast(Shots, 1, nameof(Shots));
        base.Validate();
    }

    internal override TaskSplit Split(TaskData data, double validationFraction, Random random) =>
        TaskSplit.OfClasses(data, validationFraction, Ways, Shots, QueryRows, random);

    internal override TaskData Usable(TaskData data, int minimumTasks) => EpisodeRequirements.Classes(data, Ways, Shots);

    internal override IEpisodeSource All(TaskData data) => new ClassSource(data, Every(data), Ways, Shots, QueryRows);

    internal override string Describe() => FormattableString.Invariant($"{Ways}-way {Shots}-shot, {QueryRows} query");
}
