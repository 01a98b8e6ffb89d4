namespace MLNetMeta.Transforms.Learners;

/// <summary>
/// Keeps native memory alive while calls on other threads still use it. After <see cref="Close"/>, no new use is allowed, and the last user
/// releases the resource. Without it, disposing during a prediction would crash the process.
/// </summary>
internal sealed class UseCount(Func<ObjectDisposedException> closed, Action release)
{
    private readonly Lock _gate = new();
    private int _users;
    private bool _closed;

    /// <summary>Runs until disposed; the resource lives at least as long.</summary>
    /// <exception cref="ObjectDisposedException">The owner has been disposed.</exception>
    public Use Enter()
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw closed();
            }

            _users++;
        }

        return new Use(this);
    }

    /// <summary>Allows no new use. Releases the resource now or when the last use ends. May be called repeatedly.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            if (_users > 0)
            {
                return;
            }
        }

        release();
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0 || !_closed)
            {
                return;
            }
        }

        release();
    }

    /// <summary>One use in progress; dispose exactly once.</summary>
    public readonly ref struct Use(UseCount count)
    {
        public void Dispose() => count.Leave();
    }
}
