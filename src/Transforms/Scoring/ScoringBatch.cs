using System.Runtime.ExceptionServices;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>
/// Rows whose scores the thread pool computes while their reader is busy elsewhere. Whoever comes first runs it: a reader that needs a
/// batch nobody has begun runs it itself, so a busy thread pool costs no time and a full one no deadlock.
/// </summary>
internal sealed class ScoringBatch(BatchScorer scorer) : IThreadPoolWorkItem, IDisposable
{
    private const int Taken = 0, Waiting = 1;

    // Never asked for its WaitHandle, so there is nothing to dispose.
    private readonly ManualResetEventSlim _done = new(initialState: true);
    private ExceptionDispatchInfo? _error;
    private int _state = Taken;

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
    public void RunIfWaiting()
    {
        if (!Take())
        {
            return;
        }

        try
        {
            scorer.Run(Rows);
        }
        catch (Exception exception)
        {
            _error = ExceptionDispatchInfo.Capture(exception);
        }

        _done.Set();
    }

    /// <summary>Returns when the rows are scored, or throws what scoring them threw.</summary>
    public void Wait()
    {
        _done.Wait();
        _error?.Throw();
    }

    void IThreadPoolWorkItem.Execute() => RunIfWaiting();

    public void Dispose()
    {
        if (!Take())
        {
            _done.Wait();
        }

        scorer.Dispose();
    }

    /// <summary>Whether the caller, and nobody else, is to score the rows.</summary>
    private bool Take() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;
}
