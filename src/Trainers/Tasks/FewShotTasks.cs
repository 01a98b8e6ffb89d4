using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers;

/// <summary>
/// The source of few-shot tasks: a <see cref="TaskColumn"/>, or <see cref="Episodes"/> of the classes in the label column.
/// </summary>
public abstract record FewShotTasks
{
    private protected FewShotTasks()
    {
    }

    /// <summary>Number of query rows of a task (of each class for <see cref="Episodes"/>), at least 1. Default 15.</summary>
    public int QueryRows { get; init; } = 15;

    /// <summary>The column that says which task a row belongs to; null for episodes.</summary>
    internal abstract string? ColumnName { get; }

    internal virtual void Validate(bool isClassification) => Check.AtLeast(QueryRows, 1, nameof(QueryRows));

    /// <summary>The data without tasks or classes that have too few rows for an episode.</summary>
    /// <param name="data">All rows.</param>
    /// <param name="minimumTasks">Fewest tasks of a column.</param>
    /// <exception cref="InvalidOperationException">Too little is left.</exception>
    internal abstract TaskData Usable(TaskData data, int minimumTasks);

    /// <summary>Sources of training and of validation episodes that share no row, as far as the data allows.</summary>
    internal abstract TaskSplit Split(TaskData data, double validationFraction, Random random);

    /// <summary>The same for a search, whose learner is trained on all tasks afterwards.</summary>
    internal virtual TaskSplit SplitForSearch(TaskData data, double validationFraction, Random random) =>
        Split(data, validationFraction, random);

    /// <summary>A source of episodes of all tasks.</summary>
    internal abstract IEpisodeSource All(TaskData data);

    internal abstract string Describe();

    private protected static OptionCheck Check { get; } = new("Tasks");

    private protected static void Valid(RowRange? rows, string name) =>
        Check.Within(rows?.ToString() ?? "null", rows is not { IsValid: false }, name, "at least 1, or a range that starts at 1 or above");

    private protected static int[] Every(TaskData data) => [.. Enumerable.Range(0, data.Groups.Length)];
}
