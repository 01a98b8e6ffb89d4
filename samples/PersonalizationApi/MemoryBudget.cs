namespace PersonalizationApi;

/// <summary>The bytes of bodies and answers in memory, over all requests.</summary>
internal sealed class MemoryBudget(Settings settings)
{
    private long _taken;

    public long Taken => Interlocked.Read(ref _taken);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) <= settings.MaxBytesInFlight)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}

/// <summary>What one request has of the budget, until its answer is sent.</summary>
internal sealed class MemoryShare(MemoryBudget budget) : IDisposable
{
    private long _bytes;

    /// <exception cref="ApiException">Too much is in memory already.</exception>
    public void Take(long bytes)
    {
        if (!budget.TryTake(bytes))
        {
            throw ApiException.Busy();
        }

        _bytes += bytes;
    }

    public void Dispose() => budget.Return(_bytes);
}
