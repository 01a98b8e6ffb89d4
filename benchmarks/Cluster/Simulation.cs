using System.Globalization;
using MLNetMeta.Samples;

namespace MLNetMeta.Benchmarks;

/// <summary>Steps of a cluster of up to a thousand silos, from the costs of <see cref="Costs"/>.</summary>
/// <remarks>
/// A step tells θ to one grain, from which every silo fetches it; every silo computes its blocks on its threads; the driver takes the
/// answers one after the other. A block's time varies by a tenth (lognormal). In every step a silo is three times as slow with a
/// probability of one
/// percent, and is lost with one of 1e-6 (once in twelve days at a step a second), which costs <see cref="LossSeconds"/>. Bytes of several
/// machines share no wire, but the driver's and the grain's are theirs alone.
/// </remarks>
internal static class Simulation
{
    /// <summary>What a lost silo costs a step, as <c>failures</c> measures it.</summary>
    private const double LossSeconds = 10;
    private const int ThreadsPerSilo = 8;
    private const int Steps = 200;
    private static readonly int[] _silos = [1, 2, 4, 8, 16, 64, 256, 1000];

    public static async Task Run(string plot)
    {
        var (latency, secondsPerByte) = await Costs.Call();
        Line($"A call takes {latency * 1e6:F0} µs there and back, and {secondsPerByte * 1e9:F2} ns for each byte that goes both ways.");
        var curves = new List<(string Name, double[] Efficiency)>();
        Console.WriteLine("| learner | θ | a block of 8 tasks | " + string.Join(" | ", _silos.Select(silos => $"{silos} silos")) + " |");
        Console.WriteLine("|---|---:|---:|" + string.Concat(_silos.Select(_ => "---:|")));
        foreach (var (name, parameters, blockSeconds) in Costs.Learners())
        {
            var random = new Random(1);
            // Sent one way.
            var message = sizeof(float) * parameters * secondsPerByte / 2;
            // Two blocks for each thread: while one is computed, the next one waits.
            double[] efficiency = [.. _silos.Select(silos =>
                2 * blockSeconds / Mean(() => Step(silos, blocksPerSilo: 2 * ThreadsPerSilo, blockSeconds, latency, message, random)))];
            curves.Add((name, efficiency));
            var percentages = string.Join(" | ", efficiency.Select(of => $"{100 * of:F0} %"));
            Line($"| {name} | {parameters:N0} | {blockSeconds * 1000:F0} ms | {percentages} |");
        }

        Draw(curves, plot);
    }

    /// <summary>Seconds of a step.</summary>
    private static double Step(int silos, int blocksPerSilo, double blockSeconds, double latency, double message, Random random)
    {
        var ends = new List<double>();
        var lost = 0.0;
        for (var silo = 0; silo < silos; silo++)
        {
            // θ leaves one grain for one silo after the other.
            var begin = (2 * latency) + ((silo + 1) * message);
            var slow = random.NextDouble() < 0.01 ? 3 : 1;
            lost = random.NextDouble() < 1e-6 ? LossSeconds : lost;
            var threads = Enumerable.Repeat(begin, ThreadsPerSilo).ToArray();
            for (var block = 0; block < blocksPerSilo; block++)
            {
                var thread = Array.IndexOf(threads, threads.Min());
                threads[thread] += blockSeconds * slow * Math.Exp(0.1 * random.NextNormal());
                ends.Add(threads[thread]);
            }
        }

        // The driver takes one answer after the other.
        var driver = 0.0;
        foreach (var end in ends.Order())
        {
            driver = Math.Max(driver, end + (latency / 2)) + message;
        }

        return driver + lost;
    }

    private static double Mean(Func<double> step) => Enumerable.Range(0, Steps).Average(_ => step());

    private static void Draw(List<(string Name, double[] Efficiency)> curves, string path)
    {
        var plot = new ScottPlot.Plot();
        foreach (var (name, efficiency) in curves)
        {
            plot.Add.Scatter([.. _silos.Select(silos => Math.Log10(silos))], efficiency.Select(of => 100 * of).ToArray()).LegendText = name;
        }

        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. _silos.Select(silos => Math.Log10(silos))], [.. _silos.Select(silos => $"{silos}")]);
        plot.XLabel("silos of eight threads");
        plot.YLabel("efficiency (%)");
        plot.Axes.SetLimitsY(0, 105);
        plot.ShowLegend(ScottPlot.Alignment.LowerLeft);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        plot.SaveSvg(path, 700, 420);
        Console.WriteLine($"Plot: {path}");
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
