using System.Collections.Concurrent;

namespace MLNetMeta.Distributed.Grains;

/// <summary>What a silo knows of jobs: fetched once for all partitions that it has.</summary>
internal sealed class SiloJobs(IGrainFactory grains) : IDisposable
{
    // A job that is no longer asked for makes room for the next ones.
    private const int MostJobs = 4;

    private readonly ConcurrentDictionary<Guid, Task<SiloJob?>> _jobs = [];
    private readonly ConcurrentQueue<Guid> _order = [];

    /// <summary>A job; null where nobody knows it.</summary>
    public async Task<SiloJob?> Find(Guid id)
    {
        SiloJob? found = null;
        try
        {
            return found = await _jobs.GetOrAdd(id, Fetch);
        }
        finally
        {
            if (found is null)
            {
                _jobs.TryRemove(id, out _); // Fetched again, when the driver has said it again.
            }
        }
    }

    public void Dispose()
    {
        foreach (var job in _jobs.Values.Where(job => job.IsCompletedSuccessfully))
        {
            job.Result?.Dispose();
        }
    }

    private async Task<SiloJob?> Fetch(Guid id)
    {
        var grain = grains.GetGrain<IJobGrain>(id);
        if (await grain.Definition() is not { } definition)
        {
            return null;
        }

        _order.Enqueue(id);
        while (_order.Count > MostJobs && _order.TryDequeue(out var oldest))
        {
            _jobs.TryRemove(oldest, out _); // Whoever still uses its sessions keeps them alive.
        }

        return new SiloJob(definition, grain);
    }
}
