using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms.Improving;

/// <summary>Splits the rows of a task into support rows and query rows.</summary>
internal static class TaskSplitter
{
    /// <summary>A random split with a given number of support rows of every class, or of a regression.</summary>
    /// <param name="task">The task.</param>
    /// <param name="ownClasses">Whether its classes are its own, numbered from 0.</param>
    /// <param name="supportRows">Support rows of every class, at least 1. If a class has fewer rows, all but one are used; if it has one
    /// row, that row is used.</param>
    /// <param name="random">Draws.</param>
    /// <returns>Null if no query row would be left, or if the task has its own classes and fewer than two occur.</returns>
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

    /// <summary>Renumbers a task's own classes from 0, in the order of their old numbers.</summary>
    public static SupportSet Renumber(SupportSet task)
    {
        long[] order = [.. task.Classes!.Distinct().Order()];
        return task with { Classes = Array.ConvertAll(task.Classes!, c => (long)Array.BinarySearch(order, c)) };
    }
}
