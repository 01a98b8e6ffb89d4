using System.Collections.Concurrent;
using MLNetMeta.Distributed.Grains;

namespace MLNetMeta.Distributed.Driver;

/// <summary>All partitions in this process: what a cluster computes, without a cluster.</summary>
internal sealed class LocalPartitions : IPartitions
{
    private readonly ConcurrentDictionary<Guid, Job> _told = [];
    private readonly ConcurrentDictionary<int, (Partition Partition, SemaphoreSlim Gate)> _partitions = [];
    private readonly SiloJobs _jobs;
    private readonly SiloWorkers _workers;
    private readonly PartitionMemory _memory;
    private readonly Func<int, Partition> _create;
    private readonly CancellationToken _cancellation;

    public LocalPartitions(IPartitionSource source, MetaLearningSiloOptions options, CancellationToken cancellation)
    {
        (_workers, _memory) = (new SiloWorkers(options), new PartitionMemory(options));
        _jobs = new SiloJobs(Told);
        _create = number => new Partition(number, source, _jobs, _workers, _memory);
        _cancellation = cancellation;
    }

    public async Task<T> Ask<T>(int partition, Func<IPartition, Task<T>> ask)
    {
        var (of, gate) = _partitions.GetOrAdd(partition, number => (_create(number), new SemaphoreSlim(1)));
        await gate.WaitAsync(_cancellation);
        try
        {
            _cancellation.ThrowIfCancellationRequested();
            return await ask(of);
        }
        finally
        {
            gate.Release();
        }
    }

    public Task Tell(Guid job, Func<IJob, Task> tell) => tell(Told(job));

    public void Forget(Guid job)
    {
        _told.TryRemove(job, out _);
        _jobs.Forget(job);
    }

    public void Dispose()
    {
        _jobs.Dispose();
        _workers.Dispose();
        _memory.Dispose();
    }

    private Job Told(Guid job) => _told.GetOrAdd(job, _ => new Job());
}
