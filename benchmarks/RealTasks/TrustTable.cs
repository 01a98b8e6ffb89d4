using System.Globalization;

namespace MLNetMeta.RealTasks;

/// <summary>How far intervals and probabilities can be trusted, and how long a task takes to learn.</summary>
internal static class TrustTable
{
    /// <summary>Writes the table of the methods that have intervals or probabilities; none if there is no such method.</summary>
    public static void Write(Setting setting, TaskSet set, IReadOnlyDictionary<string, TaskScore[][]> scores, bool final)
    {
        (string Name, TaskScore[][] ByShots)[] trusted =
        [
            .. scores.Where(method => method.Value[0].All(score => score.Coverage is not null || score.Excess is not null))
                .Select(method => (method.Key, method.Value)),
        ];
        if (trusted.Length == 0)
        {
            return;
        }

        string[] columns = [.. set.Shots.Select(shots => $"{shots} rows{(set.IsClassification ? " a class" : "")}")];
        var what = set.IsClassification ? "expected calibration error" : "coverage of intervals";
        var table = new Table(
            $"{set.Name}: {what}{(final ? "" : ", on validation tasks")}",
            ["Method", .. columns, .. columns.Select(column => $"ms to learn a task, {column}")]);
        foreach (var (method, byShots) in trusted)
        {
            table.Add(
            [
                method,
                .. byShots.Select(of =>
                    (object)(set.IsClassification ? TaskScore.CalibrationError(of) : of.Average(score => score.Coverage!.Value))
                    .ToString("F3", CultureInfo.InvariantCulture)),
                .. byShots.Select(of => (object)Median(of)),
            ]);
        }

        table.Note(
            "Over the rows of all test tasks (calibration, 15 bins), or as a mean over tasks (coverage); medians over tasks (time).");
        table.Write(setting, $"{set.Name}-trust{(final ? "" : "-validation")}");
    }

    private static string Median(TaskScore[] scores)
    {
        double[] times = [.. scores.Select(score => score.Milliseconds).OfType<double>().Order()];
        return times.Length == 0 ? "" : times[times.Length / 2].ToString("F1", CultureInfo.InvariantCulture);
    }
}
