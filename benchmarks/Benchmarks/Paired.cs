using System.Diagnostics;
using System.Globalization;

namespace MLNetMeta.Benchmarks;

/// <summary>
/// Times several ways to do one thing in turns, round after round: whatever else the machine does in a round slows all of them, so their
/// ratios hold where their times do not.
/// </summary>
/// <param name="title">What is done.</param>
/// <param name="rounds">How often.</param>
/// <param name="onProcessor">
/// Whether processor time of this process is measured instead of time: right for work on one thread, whatever else runs.
/// </param>
internal sealed class Paired(string title, int rounds, bool onProcessor = false)
{
    private readonly List<(string Name, Action Run, List<double> Milliseconds)> _ways = [];

    /// <summary>Adds a way; the first is what the others are compared with.</summary>
    public Paired Add(string name, Action run)
    {
        _ways.Add((name, run, []));
        return this;
    }

    /// <summary>
    /// Runs all rounds after two that are not counted and at least a second of each way, in which the compiler sees what is worth its
    /// optimisation; prints medians, quartiles and the median ratio to the first.
    /// </summary>
    /// <returns>The medians, in milliseconds.</returns>
    public IReadOnlyList<double> Report(TextWriter output, int repeats = 1)
    {
        foreach (var (_, run, _) in _ways)
        {
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1);)
            {
                run();
            }
        }
        for (var round = -2; round < rounds; round++)
        {
            foreach (var (_, run, milliseconds) in _ways)
            {
                var start = Now();
                for (var repeat = 0; repeat < repeats; repeat++)
                {
                    run();
                }

                if (round >= 0)
                {
                    milliseconds.Add((Now() - start).TotalMilliseconds / repeats);
                }
            }
        }
        output.WriteLine();
        output.WriteLine($"## {title}{(onProcessor ? " (processor time)" : "")}");
        output.WriteLine("| | median ms | quartiles ms | time, relative to the first: median (quartiles) |");
        output.WriteLine("|---|---|---|---|");
        foreach (var (name, _, milliseconds) in _ways)
        {
            var ratios = milliseconds.Zip(_ways[0].Milliseconds, (one, first) => one / first).ToArray();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {Quantile(milliseconds, 0.5):G4} | {Quantile(milliseconds, 0.25):G4} to {Quantile(milliseconds, 0.75):G4} "
                + $"| {Quantile(ratios, 0.5):G3} ({Quantile(ratios, 0.25):G3} to {Quantile(ratios, 0.75):G3}) |"));
        }

        return [.. _ways.Select(way => Quantile(way.Milliseconds, 0.5))];
    }

    private TimeSpan Now() => onProcessor ? Environment.CpuUsage.TotalTime : Stopwatch.GetElapsedTime(0);

    private static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)Math.Round(share * (sorted.Length - 1))];
    }
}
