using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>Tasks that are told apart by a column: users, machines, sensors.</summary>
/// <remarks>
/// An episode is a task at random, its rows shuffled and split into support and query rows. Classes, where there are any, are the same in
/// all tasks, and the support is stratified: it has as many rows of one class as of another, as far as the task has them. Tasks of one row
/// are left out, with a warning.
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
    /// Support rows of a task, at least 1; smaller tasks give what they have. Default 10: meta-train with what the app will have.
    /// </summary>
    public int SupportRows { get; init; } = 10;

    internal override string ColumnName => Name;

    internal override void Validate()
    {
        Check.NotEmpty(Name, nameof(Name));
        Check.AtLeast(SupportRows, 1, nameof(SupportRows));
        base.Validate();
    }

    internal override TaskSplit Split(TaskData data, double validationFraction, Random random) =>
        TaskSplit.OfTasks(data, validationFraction, SupportRows, QueryRows, random);

    internal override TaskData Usable(TaskData data, int minimumTasks) => EpisodeRequirements.Tasks(data, minimumTasks);

    internal override IEpisodeSource All(TaskData data) => new TaskSource(data, Every(data), SupportRows, QueryRows);

    internal override string Describe() => FormattableString.Invariant($"{SupportRows} support, {QueryRows} query");
}
