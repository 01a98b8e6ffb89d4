using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>The tasks of meta-training: wheels of any δ, with rewards of arms that were pulled at random.</summary>
internal static class WheelTasks
{
    public const int RowsPerTask = 562;

    /// <summary>
    /// Rows whose label has one element for each arm, NaN for those that were not pulled;
    /// rewards are divided by <see cref="Wheel.Jackpot"/>.
    /// </summary>
    public static TaskData Draw(int tasks, int seed)
    {
        var random = new Random(seed);
        var (features, targets) = (new List<float>(), new List<float>());
        for (var task = 0; task < tasks; task++)
        {
            var wheel = new Wheel(random.NextDouble());
            for (var row = 0; row < RowsPerTask; row++)
            {
                var (x, y) = Wheel.Draw(random);
                var arm = random.Next(Wheel.Arms);
                var (mean, spread) = wheel.Reward(x, y, arm);
                var normal = random.NextNormal();
                features.AddRange([Wheel.FeatureScale * (float)x, Wheel.FeatureScale * (float)y]);
                targets.AddRange(
                    Enumerable.Range(0, Wheel.Arms).Select(
                        a => a == arm ? (float)((mean + (spread * normal)) / Wheel.Jackpot) : float.NaN));
            }
        }

        return new TaskData
        {
            Features = [.. features],
            FeatureCount = Wheel.Features,
            Targets = [.. targets],
            OutputCount = Wheel.Arms,
            MayMissTargets = true,
            Groups = [.. Enumerable.Range(0, tasks).Select(t => Enumerable.Range(t * RowsPerTask, RowsPerTask).ToArray())],
            GroupNames = [.. Enumerable.Range(0, tasks).Select(t => $"wheel {t}")],
        };
    }

    /// <summary>What a meta-training of <paramref name="learner"/> reads.</summary>
    public static LoadedTasks Read(ILearner learner, MetaTrainingOptions options, int tasks, int seed)
    {
        var data = Draw(tasks, seed);
        var split = options.SourceOfTasks.Split(data, options.Training.ValidationFraction, new Random(seed));
        return new LoadedTasks(
            learner, data, split, seed, Standardizer.Identity(Wheel.Features), Standardizer.Identity(Wheel.Arms));
    }
}
