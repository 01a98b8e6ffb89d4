using System.Collections.Concurrent;
using System.Diagnostics;
using MLNetMeta.Distributed.Telemetry;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Computes for the partitions of a silo, on threads of its own: those of the pool answer messages meanwhile.</summary>
internal sealed class SiloWorkers : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    public SiloWorkers(MetaLearningSiloOptions options)
    {
        for (var number = 0; number < options.ActualThreads; number++)
        {
            new Thread(Work) { IsBackground = true, Name = $"MLNetMeta {number}" }.Start();
        }
    }

    /// <summary>Computes tasks on a thread, when one is free.</summary>
    public Task<T> RunTasks<T>(TaskUse use, int tasks, Func<T> compute) => Run(() =>
    {
        var clock = Stopwatch.StartNew();
        var result = compute();
        var tag = new KeyValuePair<string, object?>("use", use.ToString());
        ClusterTelemetry.Tasks.Add(tasks, tag);
        ClusterTelemetry.TaskDuration.Record(clock.Elapsed.TotalSeconds / tasks, tag);
        return result;
    });

    /// <summary>Computes on a thread, when one is free.</summary>
    public Task<T> Run<T>(Func<T> compute)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(compute());
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    /// <summary>The threads end when they have computed what is left.</summary>
    public void Dispose() => _work.CompleteAdding(); // Disposing of it would fail them.

    private void Work()
    {
        foreach (var compute in _work.GetConsumingEnumerable())
        {
            compute();
        }
    }
}
