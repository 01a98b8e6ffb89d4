using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms.Improving;

/// <summary>Splits the rows of a task into those that are learned from and those that measure how well.</summary>
internal static class TaskSplitter
{
    /// <summary>A random split: so many rows of every class, or of a regression, are learned from.</summary>
    /// <param name="task">The task.</param>
    /// <param name="ownClasses">Whether its classes are its own, numbered from 0.</param>
    /// <param name="supportRows">Rows of every class, at least 1; where there are fewer, all but one, and a class of one row that
    /// one.</param>
    /// <param name="random">Draws.</param>
    /// <returns>Null where no row would be left to measure by, or fewer than two classes occur where classes are a task's own.</returns>
    public static (SupportSet Support, SupportSet Query)? Split(SupportSet task, bool ownClasses, int supportRows, Random random)
    {
        var byClass = task.Classes is { } classes
            ? Enumerable.Range(0, task.Rows).GroupBy(row => classes[row]).OrderBy(group => group.Key).Select(group => group.ToArray())
            : [Enumerable.Range(0, task.Rows).ToArray()];
        var (support, query) = (new List<int>(), new List<int>());
        foreach (var rows in byClass)
        {
            random.Shuffle(rows);
            var count = Math.Min(supportRows, Math.Max(rows.Length - 1, 1));
            support.AddRange(rows[..count]);
            query.AddRange(rows[count..]);
        }

        return query.Count == 0 || ownClasses && task.Classes!.Distinct().Count() < 2
            ? null
            : (task.Take(support.ToArray()), task.Take(query.ToArray()));
    }

    /// <summary>Numbers a task's own classes from 0, in the order of the numbers that they had.</summary>
    public static SupportSet Renumber(SupportSet task)
    {
        long[] order = [.. task.Classes!.Distinct().Order()];
        return task with { Classes = Array.ConvertAll(task.Classes!, c => (long)Array.BinarySearch(order, c)) };
    }
}
