namespace MLNetMeta.Trainers.Tasks;

/// <summary>N-way K-shot episodes: N classes at random, K support rows and some query rows of each.</summary>
internal sealed class ClassSource(TaskData data, int[] groups, int ways, RowRange shots, int queryRowsPerClass) : IEpisodeSource
{
    public Episode Draw(Random random)
    {
        var classes = random.WithoutReplacement(groups, ways);
        // Classes in ascending order, as a few-shot trainer numbers the keys that occur in its support rows.
        Array.Sort(classes);
        List<int> support = [], query = [], supportClasses = [], queryClasses = [];
        var wanted = shots.Draw(random);
        for (var c = 0; c < ways; c++)
        {
            var rows = data.Groups[classes[c]];
            var count = Math.Min(wanted, rows.Length - 1);
            var drawn = random.WithoutReplacement(rows, Math.Min(count + queryRowsPerClass, rows.Length));
            support.AddRange(drawn[..count]);
            query.AddRange(drawn[count..]);
            supportClasses.AddRange(Enumerable.Repeat(c, count));
            queryClasses.AddRange(Enumerable.Repeat(c, drawn.Length - count));
        }

        return new Episode([.. support], [.. query], [.. supportClasses], [.. queryClasses], ways);
    }
}
