using System.Diagnostics;
using System.Globalization;

namespace MLNetMeta.Samples;

/// <summary>Silos on this machine, each in its own process with one thread.</summary>
internal sealed class Silos : IDisposable
{
    private readonly string _folder;
    private readonly ClusterSettings _cluster;
    private readonly int? _memoryMegabytes;
    private readonly Process[] _processes;

    public Silos(int count, string folder, ClusterSettings cluster, int? memoryMegabytes = null)
    {
        (_folder, _cluster, _memoryMegabytes) = (folder, cluster, memoryMegabytes);
        _processes = [.. Enumerable.Range(0, count).Select(Start)];
    }

    /// <summary>The processes.</summary>
    public IReadOnlyList<Process> Processes => _processes;

    /// <summary>Settings of a driver that connects to a number of silos.</summary>
    public static ClusterSettings OfDriver(int count, ClusterSettings cluster) =>
        cluster with { Gateways = [.. Enumerable.Range(0, Math.Max(count, 1)).Select(silo => cluster.GatewayPort + silo)] };

    /// <summary>
    /// Kills a silo (SIGKILL) and starts it again. With localhost clustering, the first silo holds the list of all silos, so it is never
    /// killed.
    /// </summary>
    /// <exception cref="SampleException">There is no other silo to kill.</exception>
    public int Kill(Random random)
    {
        var first = _cluster.Kind == ClusteringKind.Localhost ? 1 : 0;
        if (_processes.Length < 2)
        {
            throw new SampleException("--kills needs --silos of at least 2: the others continue while one restarts.");
        }

        var victim = random.Next(first, _processes.Length);
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
            process.WaitForExit();
            process.Dispose();
        }
    }

    private Process Start(int silo)
    {
        (string Key, string? Value)[] settings =
        [
            ("Rows:Folder", _folder), ("Rows:Threads", "1"), ("Rows:MemoryMegabytes", _memoryMegabytes is { } of ? Text(of) : null),
            ("Cluster:Kind", _cluster.Kind.ToString()), ("Cluster:ConnectionString", _cluster.ConnectionString),
            ("Cluster:ClusterId", _cluster.ClusterId), ("Cluster:ServiceId", _cluster.ServiceId), ("Cluster:Address", _cluster.Address),
            ("Cluster:SiloPort", Text(_cluster.SiloPort + silo)), ("Cluster:GatewayPort", Text(_cluster.GatewayPort + silo)),
            ("Cluster:PrimaryPort", Text(_cluster.SiloPort)), ("Cluster:Certificate", _cluster.Certificate),
        ];
        return Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "ClusterWorker.dll"),
            .. settings.Where(of => of.Value is not null).Select(of => $"--{of.Key}={of.Value}"),
        ]))!;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
