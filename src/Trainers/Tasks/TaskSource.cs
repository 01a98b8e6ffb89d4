namespace MLNetMeta.Trainers.Tasks;

/// <summary>Episodes from a task column: a task at random, its rows shuffled and split into support and query.</summary>
/// <remarks>A task of few rows gives what it has, at least one row to each side.</remarks>
internal sealed class TaskSource(TaskData data, int[] groups, int supportRows, int queryRows) : IEpisodeSource
{
    public Episode Draw(Random random)
    {
        var rows = data.Groups[groups[random.Next(groups.Length)]];
        var support = Math.Min(supportRows, rows.Length - 1);
        var drawn = random.WithoutReplacement(rows, Math.Min(support + queryRows, rows.Length));
        return Of(drawn[..support], drawn[support..]);
    }

    private Episode Of(int[] support, int[] query) => data.IsClassification
        ? new Episode(support, query, ClassesOf(support), ClassesOf(query), data.ClassNames.Length)
        : new Episode(support, query, [], [], 0);

    private int[] ClassesOf(int[] rows) => Array.ConvertAll(rows, r => data.Classes[r]);
}
