namespace MLNetMeta.Distributed.Grains;

/// <summary>Something that is disposed of when its owner lets go of it and nobody uses it any more.</summary>
internal sealed class Shared<T>(T value) : IDisposable
    where T : class, IDisposable
{
    private int _holders = 1;

    /// <summary>To use it until the lease is disposed of; null where it is gone.</summary>
    public Lease? Use()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _holders);
            if (seen == 0)
            {
                return null;
            }
        }
        while (Interlocked.CompareExchange(ref _holders, seen + 1, seen) != seen);

        return new Lease(this, value);
    }

    /// <summary>The owner lets go of it. Once.</summary>
    public void Dispose() => Leave();

    private void Leave()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            value.Dispose();
        }
    }

    /// <summary>Keeps a value alive.</summary>
    internal sealed class Lease(Shared<T> shared, T value) : IDisposable
    {
        public T Value => value;

        public void Dispose() => shared.Leave();
    }
}
