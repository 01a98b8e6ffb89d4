using System.Globalization;
using MLNetMeta.Samples;

namespace MLNetMeta.Benchmarks;

/// <summary>One and more silos of one thread each against one thread of one process, in turns.</summary>
internal static class Speed
{
    public static async Task Run(string folder, int rounds, int steps, int[] silos)
    {
        Driver.Save(folder, tasks: 2000, partitions: 64);
        var driver = new Driver { Steps = steps };
        var rows = new Dictionary<string, List<double>>();
        byte[]? bytes = null;
        for (var round = 0; round < rounds; round++)
        {
            Add("rows in memory (`Compute.OnnxRuntime`)", driver.FitInMemory(folder).StepsPerSecond);
            Take("partitions in this process (`Compute.Partitions`)", driver.FitHere(folder));
            foreach (var count in silos)
            {
                using var processes = new Silos(count, Path.GetFullPath(folder), new ClusterSettings());
                Take($"{count} silos", await driver.FitOn(Silos.OfDriver(count, new ClusterSettings())));
            }
        }

        Console.WriteLine("| | meta-steps per second, each round | median |");
        Console.WriteLine("|---|---|---:|");
        foreach (var (name, values) in rows)
        {
            Console.WriteLine(
                $"| {name} | {string.Join(", ", values.Select(Text))} | {Text(values.Order().ElementAt(values.Count / 2))} |");
        }

        void Add(string name, double value)
        {
            rows.TryAdd(name, []);
            rows[name].Add(value);
            Console.Error.WriteLine($"{name}: {Text(value)}");
        }

        void Take(string name, Driver.Result result)
        {
            Add(name, result.StepsPerSecond);
            bytes ??= result.Learner;
            if (!bytes.SequenceEqual(result.Learner))
            {
                throw new SampleException($"The learner of {name} differs.");
            }
        }
    }

    private static string Text(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
