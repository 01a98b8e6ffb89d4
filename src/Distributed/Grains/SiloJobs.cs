using System.Collections.Concurrent;

namespace MLNetMeta.Distributed.Grains;

/// <summary>What a silo knows of jobs: fetched once for all partitions that it has.</summary>
internal sealed class SiloJobs(Func<Guid, IJob> jobOf) : IDisposable
{
    /// <summary>After how long whoever has a job counts as lost; the driver then says it again elsewhere.</summary>
    public static readonly TimeSpan FetchLimit = TimeSpan.FromSeconds(5);

    // A job that is no longer asked for makes room for the next ones.
    private const int MostJobs = 4;

    private readonly ConcurrentDictionary<Guid, Task<Shared<SiloJob>?>> _jobs = [];
    private readonly ConcurrentQueue<Guid> _order = [];

    /// <summary>A job, until the lease is disposed of; null where nobody knows it.</summary>
    public async Task<Shared<SiloJob>.Lease?> Find(Guid id)
    {
        Shared<SiloJob>.Lease? found = null;
        try
        {
            return found = (await _jobs.GetOrAdd(id, Fetch))?.Use();
        }
        finally
        {
            if (found is null)
            {
                _jobs.TryRemove(id, out _); // Fetched again, when the driver has said it again.
            }
        }
    }

    /// <summary>Lets go of a job.</summary>
    public void Forget(Guid id)
    {
        if (_jobs.TryRemove(id, out var job) && job.IsCompletedSuccessfully)
        {
            job.Result?.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var id in _jobs.Keys)
        {
            Forget(id);
        }
    }

    private async Task<Shared<SiloJob>?> Fetch(Guid id)
    {
        var job = jobOf(id);
        if (await job.Definition().WaitAsync(FetchLimit) is not { } definition)
        {
            return null;
        }

        _order.Enqueue(id);
        while (_order.Count > MostJobs && _order.TryDequeue(out var oldest))
        {
            Forget(oldest);
        }

        return new Shared<SiloJob>(new SiloJob(definition, job));
    }
}
