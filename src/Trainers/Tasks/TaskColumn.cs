using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>Tasks that are told apart by a column: users, machines, sensors.</summary>
/// <remarks>
/// An episode is a task at random, its rows shuffled and split into support and query rows. Classes, where there are any, are the same in
/// all tasks, and the support is stratified: it has as many rows of one class as of another, as far as the task has them. Tasks of one row
/// are left out, with a warning. Without <see cref="Shots"/> and <see cref="SupportRows"/>, tasks of classes have 1 to 10 support rows of
/// each
/// class, and tasks of numbers 3 to 20 support rows.
/// </remarks>
public sealed record TaskColumn : FewShotTasks
{
    /// <summary>Tasks of a column.</summary>
    /// <param name="name">
    /// The column: text, a key, a number or a time, told apart by value; not the label's or the features' column.
    /// </param>
    public TaskColumn(string name) => Name = name;

    /// <summary>The column that says which task a row belongs to.</summary>
    public string Name { get; }

    /// <summary>
    /// Support rows of a task, a number or a range from at least 1; smaller tasks give what they have. Null (default) for
    /// <see cref="Shots"/> where there are classes, and for 3 to 20 where there are none.
    /// </summary>
    public RowRange? SupportRows { get; init; }

    /// <summary>
    /// Classification: support rows of each class, a number or a range from at least 1; a task gives what it has. Null (default) for 1 to
    /// 10,
    /// or for what <see cref="SupportRows"/> says.
    /// </summary>
    public RowRange? Shots { get; init; }

    internal override string ColumnName => Name;

    internal override void Validate(bool isClassification)
    {
        Check.NotEmpty(Name, nameof(Name));
        Valid(SupportRows, nameof(SupportRows));
        Valid(Shots, nameof(Shots));
        if (Shots is { } shots && (!isClassification || SupportRows is not null))
        {
            throw TrainerThrow.ShotsOfTasks($"{shots}", isClassification);
        }

        base.Validate(isClassification);
    }

    internal override TaskSplit Split(TaskData data, double validationFraction, Random random) =>
        TaskSplit.OfTasks(data, validationFraction, Support(data), QueryRows, random);

    internal override TaskData Usable(TaskData data, int minimumTasks) => EpisodeRequirements.Tasks(data, minimumTasks);

    internal override IEpisodeSource All(TaskData data) => new TaskSource(data, Every(data), Support(data), QueryRows);

    internal override string Describe() => SupportRows is null && Shots is null
        ? FormattableString.Invariant($"default support, {QueryRows} query")
        : FormattableString.Invariant($"{(Shots is { } shots ? $"{shots} a class" : SupportRows)} support, {QueryRows} query");

    private SupportSize Support(TaskData data) => Support(data.IsClassification);

    /// <summary>How many support rows tasks of classes, or of numbers, have.</summary>
    internal SupportSize Support(bool isClassification) =>
        SupportRows is { } rows ? new(rows, OfEachClass: false)
        : isClassification ? new(Shots ?? (1, 10), OfEachClass: true)
        : new((3, 20), OfEachClass: false);
}
