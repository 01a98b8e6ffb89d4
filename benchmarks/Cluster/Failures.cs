using System.Diagnostics;
using System.Globalization;
using MLNetMeta.Samples;
using MLNetMeta.Testing;

namespace MLNetMeta.Benchmarks;

/// <summary>Kills silos and drivers (SIGKILL) at random moments, and compares the learner's bytes with those of one process.</summary>
internal static class Failures
{
    private const int Count = 3;

    // Enough steps that a kill falls into the training.
    private static readonly Driver _driver = new() { Steps = 30, TasksPerStep = 32 };

    public static async Task Run(string folder, int siloKills, int driverKills)
    {
        if (LocalServer.WithoutRedis is { } reason)
        {
            throw new SampleException(reason);
        }

        Driver.Save(folder, tasks: 200, partitions: 24);
        using var redis = await LocalServer.StartRedis();
        var expected = _driver.FitHere(folder).Learner;
        var random = new Random(1);
        var undisturbed = new List<double>();
        for (var run = 0; run < 3; run++)
        {
            var cluster = Settings(redis.ConnectionString, $"undisturbed {run}");
            using var silos = new Silos(Count, Path.GetFullPath(folder), cluster);
            undisturbed.Add(Same(expected, await _driver.FitOn(cluster)).Whole.TotalSeconds);
        }

        Report("undisturbed", undisturbed);
        var disturbed = new List<double>();
        for (var run = 0; run < siloKills; run++)
        {
            var cluster = Settings(redis.ConnectionString, $"silo {run}");
            using var silos = new Silos(Count, Path.GetFullPath(folder), cluster);
            var kill = Task.Run(async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(undisturbed.Min() * random.NextDouble()));
                lock (silos)
                {
                    silos.Kill(random);
                }
            });
            var result = Same(expected, await _driver.FitOn(cluster));
            await kill;
            disturbed.Add(result.Whole.TotalSeconds);
            Console.Error.WriteLine($"silo killed, run {run + 1}: {result.Whole.TotalSeconds:F1} s, same bytes");
        }

        Report($"a silo killed in each of {siloKills} runs", disturbed);
        var resumed = new List<double>();
        for (var run = 0; run < driverKills; run++)
        {
            var cluster = Settings(redis.ConnectionString, $"driver {run}");
            using var silos = new Silos(Count, Path.GetFullPath(folder), cluster);
            using var state = new TemporaryFolder();
            var clock = Stopwatch.StartNew();
            using (var first = Start(cluster, state.Path))
            {
                await Task.WhenAny(
                    first.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(2 + (undisturbed.Min() * random.NextDouble()))));
                first.Kill();
                await first.WaitForExitAsync();
            }

            using var second = Start(cluster, state.Path);
            await second.WaitForExitAsync();
            var learner = await File.ReadAllBytesAsync(Path.Combine(state.Path, "learner.onnx"));
            if (!expected.AsSpan().SequenceEqual(learner))
            {
                throw new SampleException("The learner of a driver that was killed differs.");
            }

            resumed.Add(clock.Elapsed.TotalSeconds);
            Console.Error.WriteLine($"driver killed, run {run + 1}: {clock.Elapsed.TotalSeconds:F1} s, same bytes");
        }

        Report($"the driver killed and started again in each of {driverKills} runs", resumed);

        Process Start(ClusterSettings cluster, string state) => Process.Start(new ProcessStartInfo("dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Cluster.dll"), "drive", "--connection", cluster.ConnectionString!,
                "--cluster", cluster.ClusterId, "--state", state]))!;
    }

    /// <summary>A driver that may be killed.</summary>
    public static async Task Drive(string connection, string cluster, string state)
    {
        var driver = _driver with { Checkpoint = Path.Combine(state, "checkpoint") };
        var result = await driver.FitOn(Settings(connection, cluster));
        await File.WriteAllBytesAsync(Path.Combine(state, "learner.onnx"), result.Learner);
    }

    // Every run is a cluster of its own: silos of the last one would have to be found dead first.
    private static ClusterSettings Settings(string connection, string run) =>
        new() { Kind = ClusteringKind.Redis, ConnectionString = connection, ClusterId = run, Address = "127.0.0.1" };

    private static Driver.Result Same(byte[] expected, Driver.Result result) =>
        expected.SequenceEqual(result.Learner) ? result : throw new SampleException("The learner differs.");

    private static void Report(string name, List<double> seconds)
    {
        if (seconds.Count > 0)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {seconds.Order().ElementAt(seconds.Count / 2):F1} | {seconds.Min():F1} to {seconds.Max():F1} |"));
        }
    }
}
