using MLNetMeta.RealTasks.Sets;

namespace MLNetMeta.RealTasks;

/// <summary>Compares methods on the tasks of one set, split by split; what is finished is not computed again.</summary>
internal sealed class Comparison(Setting setting, TaskSet set, bool final)
{
    private const int MostValidationTasks = 40;

    /// <summary>For each number of shots, the score of each test task of all splits, in the same order for every method.</summary>
    public TaskScore[][] Run(IMethod method, int splits) =>
    [
        .. Enumerable.Range(0, splits)
            .Select(split => new Journal(setting with { Seed = split }).Do(
                $"{set.Name} {method.Name}{(final ? "" : " validation")}", () => Run(method, Split.Of(set, split), split)))
            .Aggregate((all, next) => [.. all.Zip(next, (a, b) => (TaskScore[])[.. a, .. b])]),
    ];

    private TaskScore[][] Run(IMethod method, Split split, int seed)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var validation = split.Validation[..Math.Min(split.Validation.Length, MostValidationTasks)];
        var candidates = Enumerable.Range(0, method.Settings.Count)
            .Select(s => Lazy(() => method.Fit(set, split.Training, s, seed))).ToArray();
        var byShots = Array.ConvertAll(set.Shots, shots =>
        {
            if (!final || candidates.Length > 1)
            {
                var scores = Array.ConvertAll(candidates, candidate => Scores(candidate.Value, validation, shots, split));
                var best = Enumerable.Range(0, scores.Length).MinBy(s => scores[s].Average(score => score.Error));
                return (Best: best, Scores: scores[best]);
            }

            return (Best: 0, Scores: Array.Empty<TaskScore>());
        });
        if (final)
        {
            int[] known = [.. split.Training, .. split.Validation];
            var fitted = byShots.Select(choice => choice.Best).Distinct().ToDictionary(s => s, s => method.Fit(set, known, s, seed));
            byShots = [.. byShots.Zip(set.Shots, (choice, shots) => (choice.Best, Scores(fitted[choice.Best], split.Test, shots, split)))];
        }

        var errors = string.Join(" / ", byShots.Select(choice => choice.Scores.Average(score => score.Error).ToString("F4", null)));
        Console.WriteLine(FormattableString.Invariant($"{set.Name}, split {seed}, {method.Name}: {errors} ")
            + FormattableString.Invariant(
                $"({string.Join(" / ", byShots.Select(choice => method.Settings[choice.Best]))}; {clock.Elapsed.TotalSeconds:F0} s)"));
        return [.. byShots.Select(choice => choice.Scores)];

        static Lazy<ITaskModel> Lazy(Func<ITaskModel> fit) => new(fit);
    }

    private TaskScore[] Scores(ITaskModel model, int[] tasks, int shots, Split split)
    {
        var targets = split.Training.SelectMany(task => set.Tasks[task]).Select(row => (double)set.Targets[row]).ToArray();
        var mean = targets.Average();
        var variance = targets.Average(target => (target - mean) * (target - mean));
        return Array.ConvertAll(tasks, task =>
        {
            var fewShot = FewShotTask.Of(set, task, shots, seed: shots);
            return TaskScore.Of(set, fewShot.Query, model.Predict(fewShot), variance, model.Milliseconds);
        });
    }
}
