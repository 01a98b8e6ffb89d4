using System.Diagnostics;
using MLNetMeta.Distributed.Telemetry;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Computes for the partitions of a silo, so many tasks at a time.</summary>
internal sealed class SiloWorkers(MetaLearningSiloOptions options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.ActualThreads);

    /// <summary>Computes tasks on a thread of the pool, when one is free.</summary>
    public Task<T> RunTasks<T>(TaskUse use, int tasks, Func<T> compute) => Run(() =>
    {
        var clock = Stopwatch.StartNew();
        var result = compute();
        var tag = new KeyValuePair<string, object?>("use", use.ToString());
        ClusterTelemetry.Tasks.Add(tasks, tag);
        ClusterTelemetry.TaskDuration.Record(clock.Elapsed.TotalSeconds / tasks, tag);
        return result;
    });

    /// <summary>Computes on a thread of the pool, when one is free.</summary>
    public async Task<T> Run<T>(Func<T> compute)
    {
        await _free.WaitAsync();
        try
        {
            return await Task.Run(compute);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
