namespace MLNetMeta.Trainers.Tasks;

/// <summary>Episodes from a task column: a task at random, its rows shuffled and split into support and query.</summary>
/// <remarks>
/// A task of few rows gives what it has, at least one row to each side. Where rows have classes the support is stratified: as many rows of
/// one class as of another, as far as the task has them, since that is what a user who labels some rows is asked for.
/// </remarks>
internal sealed class TaskSource(TaskData data, int[] groups, SupportSize size, int queryRows) : IEpisodeSource
{
    public Episode Draw(Random random) => DrawOf(groups[Pick(groups.Length, random)], random);

    /// <summary>The place of an episode's task among so many: what is drawn first.</summary>
    public static int Pick(int tasks, Random random) => random.Next(tasks);

    /// <summary>An episode of a task that has been picked.</summary>
    public Episode DrawOf(int group, Random random)
    {
        var rows = data.Groups[group];
        var support = size.Rows.Draw(random);
        var episode = data.IsClassification
            ? OfClasses(random, rows, support)
            : OfTargets(random, rows, Math.Min(support, rows.Length - 1));
        return episode with { Task = data.GroupNames[group] };
    }

    private Episode OfTargets(Random random, int[] rows, int support)
    {
        var drawn = random.WithoutReplacement(rows, Math.Min(support + queryRows, rows.Length));
        return new Episode(drawn[..support], drawn[support..], [], [], 0);
    }

    private Episode OfClasses(Random random, int[] rows, int support)
    {
        var shuffled = random.WithoutReplacement(rows, rows.Length);
        // The first row of every class, the second of every class, and so on; the order of the shuffle among equals.
        var ofClass = new Dictionary<int, int>();
        var turns = Array.ConvertAll(shuffled, row => ofClass[data.Classes[row]] = ofClass.GetValueOrDefault(data.Classes[row]) + 1);
        var order = Enumerable.Range(0, shuffled.Length).OrderBy(i => turns[i])
            .Take(size.OfEachClass ? turns.Count(turn => turn <= support) : support).Take(shuffled.Length - 1).ToArray();
        var isSupport = new bool[shuffled.Length];
        Array.ForEach(order, i => isSupport[i] = true);
        int[] chosen = [.. order.Select(i => shuffled[i])];
        int[] query = [.. shuffled.Where((_, i) => !isSupport[i]).Take(queryRows)];
        return new Episode(chosen, query, ClassesOf(chosen), ClassesOf(query), data.ClassNames.Length);
    }

    private int[] ClassesOf(int[] rows) => Array.ConvertAll(rows, r => data.Classes[r]);
}
