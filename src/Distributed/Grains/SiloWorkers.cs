namespace MLNetMeta.Distributed.Grains;

/// <summary>Computes for the partitions of a silo, so many at a time.</summary>
internal sealed class SiloWorkers(int threads) : IDisposable
{
    private readonly SemaphoreSlim _free = new(threads);

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
