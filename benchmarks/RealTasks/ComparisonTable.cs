namespace MLNetMeta.RealTasks;

/// <summary>Means with intervals, and differences paired by task to the best of the learners.</summary>
internal static class ComparisonTable
{
    public static void Write(Setting setting, TaskSet set, IReadOnlyDictionary<string, TaskScore[][]> scores, bool final)
    {
        var reference = scores.Keys.First();
        string[] columns = [.. set.Shots.Select(shots => $"{shots} rows{(set.IsClassification ? " a class" : "")}")];
        var table = new Table(
            $"{set.Name}: {Score.NameOf(set)}{(final ? "" : ", on validation tasks")}",
            ["Method", .. columns, .. columns.Select(column => $"{reference} ahead by, {column}")]);
        foreach (var (method, byShots) in scores)
        {
            table.Add(
            [
                method, .. byShots.Select(of => (object)Cell([.. of.Select(score => score.Error)])),
                .. byShots.Zip(scores[reference], (theirs, ours) => method == reference ? ""
                    : Cell([.. theirs.Zip(ours, (t, o) => t.Error - o.Error)])),
            ]);
        }

        table.Note($"Mean over {scores[reference][0].Length} tasks (all splits) ± 95 % interval; differences are paired by task.");
        table.Write(setting, $"{set.Name}{(final ? "" : "-validation")}");
    }

    private static string Cell(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
        return FormattableString.Invariant($"{mean:F3} ± {1.96 * deviation / Math.Sqrt(values.Length):F3}");
    }
}
