using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms.Improving;

/// <summary>Splits the rows of a task into those that are learned from and those that measure how well.</summary>
internal static class TaskSplitter
{
    /// <summary>
    /// A random split: of every class, and of a regression's rows, the given share and at least one row is learned from.
    /// </summary>
    /// <returns>Null where no row would be left to measure by, or fewer than two classes occur where classes are a task's own.</returns>
    public static (SupportSet Support, SupportSet Query)? Split(SupportSet task, bool ownClasses, double supportFraction, Random random)
    {
        var byClass = task.Classes is { } classes
            ? Enumerable.Range(0, task.Rows).GroupBy(row => classes[row]).OrderBy(group => group.Key).Select(group => group.ToArray())
            : [Enumerable.Range(0, task.Rows).ToArray()];
        var (support, query) = (new List<int>(), new List<int>());
        foreach (var rows in byClass)
        {
            random.Shuffle(rows);
            // Without classes a row has to be left over; a class of one row is learned from.
            var most = task.Classes is null ? rows.Length - 1 : rows.Length;
            var count = Math.Min(Math.Max((int)Math.Round(supportFraction * rows.Length), 1), most);
            support.AddRange(rows[..count]);
            query.AddRange(rows[count..]);
        }

        var supportRows = task.Take(support.ToArray());
        return support.Count == 0 || query.Count == 0 || ownClasses && supportRows.Classes!.Distinct().Count() < 2
            ? null
            : (supportRows, task.Take(query.ToArray()));
    }

    /// <summary>Numbers a task's own classes from 0, in the order of the numbers that they had.</summary>
    public static SupportSet Renumber(SupportSet task)
    {
        long[] order = [.. task.Classes!.Distinct().Order()];
        return task with { Classes = Array.ConvertAll(task.Classes!, c => (long)Array.BinarySearch(order, c)) };
    }
}
