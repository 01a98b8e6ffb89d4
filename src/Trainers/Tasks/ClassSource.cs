namespace MLNetMeta.Trainers.Tasks;

/// <summary>N-way K-shot episodes: N classes at random, K support rows and some query rows of each.</summary>
internal sealed class ClassSource(TaskData data, int[] groups, int ways, int shots, int queryRowsPerClass) : IEpisodeSource
{
    public Episode Draw(Random random)
    {
        var classes = random.WithoutReplacement(groups, ways);
        // Classes in ascending order, as a few-shot trainer numbers the keys that occur in its support rows.
        Array.Sort(classes);
        List<int> support = [], query = [], supportClasses = [], queryClasses = [];
        for (var c = 0; c < ways; c++)
        {
            var rows = data.Groups[classes[c]];
            var drawn = random.WithoutReplacement(rows, Math.Min(shots + queryRowsPerClass, rows.Length));
            support.AddRange(drawn[..shots]);
            query.AddRange(drawn[shots..]);
            supportClasses.AddRange(Enumerable.Repeat(c, shots));
            queryClasses.AddRange(Enumerable.Repeat(c, drawn.Length - shots));
        }

        return new Episode([.. support], [.. query], [.. supportClasses], [.. queryClasses], ways);
    }
}
