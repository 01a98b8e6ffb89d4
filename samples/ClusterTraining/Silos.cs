using System.Diagnostics;
using System.Globalization;

namespace MLNetMeta.Samples;

/// <summary>Silos on this machine, each a process of its own.</summary>
internal sealed class Silos : IDisposable
{
    private const int FirstPort = 11111;

    private readonly string _folder;
    private readonly Process[] _processes;

    public Silos(int count, string folder)
    {
        _folder = folder;
        _processes = [.. Enumerable.Range(0, count).Select(Start)];
    }

    /// <summary>Ports that a client connects to.</summary>
    public static int[] Gateways(int count) => [.. Enumerable.Range(0, count).Select(Gateway)];

    /// <summary>Kills a silo (SIGKILL), and starts it again. The first one holds the list of all, and is spared.</summary>
    /// <exception cref="SampleException">There is no other.</exception>
    public int Kill(Random random)
    {
        if (_processes.Length < 2)
        {
            throw new SampleException("--kills needs --silos of at least 2: the first one holds the list of all.");
        }

        var victim = random.Next(1, _processes.Length);
        _processes[victim].Kill();
        _processes[victim].WaitForExit();
        _processes[victim].Dispose();
        _processes[victim] = Start(victim);
        return victim;
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }
    }

    private static int Gateway(int silo) => 30000 + silo;

    private Process Start(int silo) => Process.Start(new ProcessStartInfo("dotnet",
    [
        Path.Combine(AppContext.BaseDirectory, "ClusterWorker.dll"), "--folder", _folder, "--port", Text(FirstPort + silo), "--gateway",
        Text(Gateway(silo)), "--primary", Text(FirstPort), "--threads", "1",
    ]))!;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
