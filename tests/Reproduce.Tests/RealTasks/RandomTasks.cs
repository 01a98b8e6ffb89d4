using MLNetMeta.RealTasks;

namespace MLNetMeta.Reproduce.Tests.RealTasks;

/// <summary>Tasks whose truth is known.</summary>
internal static class RandomTasks
{
    /// <summary>Twenty rows a task, y = a + b·x + noise of deviation 0.1, with a from N(1, 1) and b from N((2, −1), 0.2²) of each
    /// task.</summary>
    public static TaskSet Linear(int tasks)
    {
        var random = new Random(4);
        var (features, targets) = (new List<float[]>(), new List<float>());
        for (var task = 0; task < tasks; task++)
        {
            var (a, b, c) = (1 + Normal(), 2 + (0.2 * Normal()), -1 + (0.2 * Normal()));
            for (var row = 0; row < 20; row++)
            {
                var (x, z) = (Normal(), Normal());
                features.Add([(float)x, (float)z]);
                targets.Add((float)(a + (b * x) + (c * z) + (0.1 * Normal())));
            }
        }

        return new TaskSet
        {
            Name = "linear", Features = [.. features], Targets = [.. targets],
            Tasks = [.. Enumerable.Range(0, tasks).Select(task => Enumerable.Range(20 * task, 20).ToArray())],
        };

        // Box and Muller (1958).
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
