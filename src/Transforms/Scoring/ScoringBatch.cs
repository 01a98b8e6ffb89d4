using System.Runtime.ExceptionServices;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>
/// Rows whose scores the thread pool computes while their reader is busy elsewhere. Whoever comes first runs it: a reader that needs a
/// batch nobody has begun runs it itself, so a busy thread pool costs no time and a full one no deadlock.
/// </summary>
internal sealed class ScoringBatch(BatchScorer scorer) : IThreadPoolWorkItem, IDisposable
{
    private const int Idle = 0, Waiting = 1, Running = 2;

    // Never asked for its WaitHandle, so there is nothing to dispose.
    private readonly ManualResetEventSlim _done = new(initialState: true);
    private ExceptionDispatchInfo? _error;
    private int _state = Idle;

    /// <summary>Where the features go and the scores come from.</summary>
    public BatchScorer Scorer => scorer;

    /// <summary>Number of rows written to <see cref="Scorer"/>.</summary>
    public int Rows { get; set; }

    /// <summary>False between <see cref="Start"/> and the end of the run.</summary>
    public bool IsDone => _done.IsSet;

    /// <summary>Lets the thread pool score the rows.</summary>
    public void Start()
    {
        _done.Reset();
        Volatile.Write(ref _state, Waiting);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Scores the rows on this thread, unless they are scored already or by another thread.</summary>
    /// <returns>Whether this call did it.</returns>
    public bool TryRun()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Waiting) != Waiting)
        {
            return false;
        }

        try
        {
            scorer.Run(Rows);
        }
        catch (Exception exception)
        {
            _error = ExceptionDispatchInfo.Capture(exception);
        }

        Volatile.Write(ref _state, Idle);
        _done.Set();
        return true;
    }

    /// <summary>Returns when the rows are scored, or throws what scoring them threw.</summary>
    public void Wait()
    {
        _done.Wait();
        _error?.Throw();
    }

    void IThreadPoolWorkItem.Execute() => TryRun();

    public void Dispose()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Waiting) != Waiting)
        {
            _done.Wait();
        }

        scorer.Dispose();
    }
}
