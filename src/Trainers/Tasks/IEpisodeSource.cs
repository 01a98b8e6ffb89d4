namespace MLNetMeta.Trainers.Tasks;

/// <summary>Draws episodes from tasks.</summary>
internal interface IEpisodeSource
{
    Episode Draw(Random random);
}

/// <summary>Episodes from a task column: a task at random, its rows shuffled and split into support and query.</summary>
/// <remarks>A task of few rows gives what it has, at least one row to each side.</remarks>
internal sealed class TaskSource(TaskData data, int[] groups, int supportRows, int queryRows) : IEpisodeSource
{
    public Episode Draw(Random random)
    {
        var rows = data.Groups[groups[random.Next(groups.Length)]];
        var support = Math.Min(supportRows, rows.Length - 1);
        var drawn = Draws.WithoutReplacement(random, rows, Math.Min(support + queryRows, rows.Length));
        return Of(drawn[..support], drawn[support..]);
    }

    private Episode Of(int[] support, int[] query) => data.IsClassification
        ? new Episode(support, query, ClassesOf(support), ClassesOf(query), data.ClassNames.Length)
        : new Episode(support, query, [], [], 0);

    private int[] ClassesOf(int[] rows) => Array.ConvertAll(rows, r => data.Classes[r]);
}

/// <summary>N-way K-shot episodes: N classes at random, K support rows and some query rows of each.</summary>
internal sealed class ClassSource(TaskData data, int[] groups, int ways, int shots, int queryRowsPerClass) : IEpisodeSource
{
    public Episode Draw(Random random)
    {
        var classes = Draws.WithoutReplacement(random, groups, ways);
        // Classes in ascending order, as a few-shot trainer numbers the keys that occur in its support rows.
        Array.Sort(classes);
        List<int> support = [], query = [], supportClasses = [], queryClasses = [];
        for (var c = 0; c < ways; c++)
        {
            var rows = data.Groups[classes[c]];
            var drawn = Draws.WithoutReplacement(random, rows, Math.Min(shots + queryRowsPerClass, rows.Length));
            support.AddRange(drawn[..shots]);
            query.AddRange(drawn[shots..]);
            supportClasses.AddRange(Enumerable.Repeat(c, shots));
            queryClasses.AddRange(Enumerable.Repeat(c, drawn.Length - shots));
        }

        return new Episode([.. support], [.. query], [.. supportClasses], [.. queryClasses], ways);
    }
}

internal static class Draws
{
    /// <summary><paramref name="count"/> different elements in random order (the head of a Fisher–Yates shuffle).</summary>
    public static int[] WithoutReplacement(Random random, int[] from, int count)
    {
        var pool = (int[])from.Clone();
        for (var i = 0; i < count; i++)
        {
            var j = random.Next(i, pool.Length);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }

        return pool[..count];
    }
}
