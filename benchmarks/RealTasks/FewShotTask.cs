namespace MLNetMeta.RealTasks;

/// <summary>A task as a method sees it: labelled rows, and rows to predict.</summary>
internal sealed record FewShotTask(int[] Support, int[] Query)
{
    private const int MostQuery = 150;

    /// <summary>A task with so many support rows (of each class that has one row more); the same for every method.</summary>
    public static FewShotTask Of(TaskSet set, int task, int shots, int seed)
    {
        var rows = (int[])set.Tasks[task].Clone();
        new Random((seed * 7919) + task).Shuffle(rows);
        int[] support = set.IsClassification
            ? [.. rows.GroupBy(row => set.Targets[row]).SelectMany(of => of.Take(Math.Min(shots, of.Count() - 1)))]
            : rows[..shots];
        int[] query = [.. rows.Except(support).Take(MostQuery)];
        return new FewShotTask(support, query);
    }
}
