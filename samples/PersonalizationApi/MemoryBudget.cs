namespace PersonalizationApi;

/// <summary>Limits the bytes of bodies and answers in memory, over all requests.</summary>
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

/// <summary>The share of the budget that one request holds until its answer is sent.</summary>
internal sealed class MemoryShare(MemoryBudget budget) : IDisposable
{
    private long _bytes;

    /// <exception cref="ApiException">The budget is used up.</exception>
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
