using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Auto;

/// <summary>The tasks (episodes: the classes) of a search: those to search with, and those that no choice is made on.</summary>
/// <param name="Search">Tasks for meta-training and validation.</param>
/// <param name="SetAside">Tasks for the estimate.</param>
internal sealed record TaskShares(TaskData Search, TaskData SetAside)
{
    /// <summary>Fewest tasks that can be shared out.</summary>
    public const int Fewest = 5;

    private const double ShareSetAside = 0.2;

    /// <param name="data">All tasks.</param>
    /// <param name="source">Says how many classes an episode needs.</param>
    /// <param name="random">Shares them out.</param>
    /// <exception cref="InvalidOperationException">There are too few.</exception>
    public static TaskShares Of(TaskData data, FewShotTasks source, Random random)
    {
        // Episodes need enough classes on each side.
        var least = source is Episodes { Ways: var ways } ? ways : 1;
        var fewest = Math.Max(Fewest, 3 * least);
        if (data.Groups.Length < fewest)
        {
            throw TrainerThrow.TooFewToSearch(data.Groups.Length, fewest, source.ColumnName);
        }

        int[] order = [.. Enumerable.Range(0, data.Groups.Length)];
        random.Shuffle(order);
        var aside = Math.Max(least, (int)Math.Round(ShareSetAside * order.Length));
        return new TaskShares(data.Only(order[aside..]), data.Only(order[..aside]));
    }
}
