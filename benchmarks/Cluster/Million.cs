using System.Diagnostics;
using System.Globalization;
using MLNetMeta.Samples;

namespace MLNetMeta.Benchmarks;

/// <summary>Very many tasks on disk: memory of the driver and of each silo, and time to the first step.</summary>
internal static class Million
{
    public static async Task Run(string folder, int tasks, int silos, int memoryMegabytes)
    {
        var clock = Stopwatch.StartNew();
        Driver.Save(folder, tasks, partitions: 256);
        var megabytes = Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length) / 1e6;
        Line($"{tasks:N0} tasks of {Driver.RowsPerTask} rows written in {clock.Elapsed.TotalSeconds:F0} s: {megabytes:F0} MB in 256 files");
        using var processes = new Silos(silos, Path.GetFullPath(folder), new ClusterSettings(), memoryMegabytes);
        using var me = Process.GetCurrentProcess();
        var (driver, most) = (new List<(int Step, double Megabytes)>(), new double[silos]);
        var result = await new Driver
        {
            Steps = 100,
            OnStep = step =>
            {
                driver.Add((step, Megabytes(me)));
                foreach (var (number, process) in processes.Processes.Index())
                {
                    most[number] = Math.Max(most[number], Megabytes(process));
                }
            },
        }.FitOn(Silos.OfDriver(silos, new ClusterSettings()));
        Line($"first validation after {result.First.TotalSeconds:F0} s; then {result}");
        Line($"driver, MB at steps: {string.Join(", ", driver.Where((_, i) => i % 4 == 0).Select(of => $"{of.Step}: {of.Megabytes:F0}"))}");
        Line($"silos with MemoryMegabytes {memoryMegabytes}, most MB: {string.Join(", ", most.Select(of => $"{of:F0}"))}");
    }

    private static double Megabytes(Process process)
    {
        process.Refresh();
        return process.WorkingSet64 / 1e6;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
