using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>Tasks that are identified by a column: users, machines, sensors.</summary>
/// <remarks>
/// An episode is a random task; its rows are shuffled and split into support and query rows. In classification, all tasks share the same
/// classes, and the support is stratified: it has the same number of rows of each class, if the task has enough. Tasks with one row are
/// left out, with a warning. If neither <see cref="Shots"/> nor <see cref="SupportRows"/> is set, tasks of a classification have 1 to 10
/// support rows of each class, and tasks of a regression 3 to 20 support rows.
/// </remarks>
/// <example>
/// <code>
/// // A new machine will have 3 to 20 labelled rows.
/// var tasks = new TaskColumn("Machine") { SupportRows = (3, 20) };
/// </code>
/// </example>
public sealed record TaskColumn : FewShotTasks
{
    /// <summary>Creates tasks that are identified by a column.</summary>
    /// <param name="name">
    /// The column: text, a key, a number or a time. Each value is a task. It must not be the label or the feature column.
    /// </param>
    public TaskColumn(string name) => Name = name;

    /// <summary>The column that says which task a row belongs to.</summary>
    public string Name { get; }

    /// <summary>
    /// Number of support rows of a task: a number, or a range that starts at 1 or above. Smaller tasks use the rows they have. Null
    /// (default): a classification uses <see cref="Shots"/>, a regression uses 3 to 20.
    /// </summary>
    public RowRange? SupportRows { get; init; }

    /// <summary>
    /// Classification: number of support rows of each class, a number, or a range that starts at 1 or above. A task with fewer rows uses
    /// the rows it has. Null (default) for 1 to 10, or for <see cref="SupportRows"/> if that is set.
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
