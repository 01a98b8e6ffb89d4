using System.Threading.RateLimiting;
using MLNetMeta.Transforms;

namespace PersonalizationApi;

/// <summary>
/// The adapted models of the users. The most recently used models are in memory; the others are learned again from their files, in
/// milliseconds. Requests of the same user wait for each other; requests of different users do not.
/// </summary>
internal sealed class UserModels(
    UserTasks tasks, UserFiles files, RequestChecks checks, ConcurrencyLimiter work, Settings settings, AppMetrics metrics) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UserName, Entry> _entries = [];
    private readonly LinkedList<Entry> _recent = new();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Learns the user's task from scratch. When this method returns, the task is on disk.</summary>
    /// <returns>The names of the classes.</returns>
    /// <exception cref="ApiException">The rows cannot be learned from. The previous model is kept.</exception>
    public Task<IReadOnlyList<string>> LearnAsync(UserName user, SupportRow[] rows, CancellationToken cancellation) =>
        WithEntryAsync(user, entry =>
        {
            var model = tasks.Learn(rows);
            try
            {
                files.Write(user, rows);
            }
            catch
            {
                model.Dispose();
                throw;
            }
            entry.Replace(model);
            return model.Classes;
        }, cancellation);

    /// <summary>Uses the user's model. No other request changes or disposes it in the meantime.</summary>
    /// <exception cref="ApiException">The user is unknown, or the stored task cannot be used.</exception>
    public Task<T> UseAsync<T>(UserName user, Func<FewShotPredictionTransformer, T> use, CancellationToken cancellation) =>
        WithEntryAsync(user, entry => use(entry.Model ?? Restore(user, entry)), cancellation);

    /// <returns>Whether the user had a task.</returns>
    public Task<bool> ForgetAsync(UserName user, CancellationToken cancellation) =>
        WithEntryAsync(user, entry =>
        {
            entry.Replace(null);
            return files.Delete(user);
        }, cancellation);

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _recent)
            {
                entry.Replace(null);
            }
        }
    }

    private FewShotPredictionTransformer Restore(UserName user, Entry entry)
    {
        var rows = files.Read(user) ?? throw ApiException.UnknownUser(user);
        try
        {
            checks.Check(new LearnRequest(rows));
            entry.Replace(tasks.Learn(rows));
        }
        catch (ApiException exception)
        {
            throw new ApiException(
                StatusCodes.Status409Conflict,
                $"The stored task of user '{user}' does not fit this service's learner: {exception.Message} Learn again.");
        }
        metrics.Restored();
        return entry.Model!;
    }

    private async Task<T> WithEntryAsync<T>(UserName user, Func<Entry, T> use, CancellationToken cancellation)
    {
        var entry = Pin(user);
        try
        {
            await entry.Turn.WaitAsync(cancellation);
            try
            {
                using var permit = work.AttemptAcquire();
                return permit.IsAcquired ? use(entry) : throw ApiException.Busy();
            }
            finally
            {
                entry.Turn.Release();
            }
        }
        finally
        {
            Unpin(entry);
        }
    }

    private Entry Pin(UserName user)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(user, out var entry))
            {
                _entries[user] = entry = new Entry(user);
            }
            else if (entry.Place.List is not null)
            {
                _recent.Remove(entry.Place);
            }

            _recent.AddFirst(entry.Place);
            entry.Pins++;
            return entry;
        }
    }

    /// <summary>Drops empty entries, and the least recently used entries beyond the limit. Entries in use are never dropped.</summary>
    private void Unpin(Entry entry)
    {
        lock (_gate)
        {
            entry.Pins--;
            if (entry is { Pins: 0, Model: null })
            {
                Drop(entry);
            }

            for (var place = _recent.Last; place is not null && _entries.Count > settings.CachedModels;)
            {
                var previous = place.Previous;
                if (place.Value.Pins == 0)
                {
                    Drop(place.Value);
                    metrics.Evicted();
                }
                place = previous;
            }
        }
    }

    private void Drop(Entry entry)
    {
        entry.Replace(null);
        _entries.Remove(entry.User);
        _recent.Remove(entry.Place);
    }

    private sealed class Entry
    {
        public Entry(UserName user)
        {
            User = user;
            Place = new LinkedListNode<Entry>(this);
        }

        public UserName User { get; }

        public LinkedListNode<Entry> Place { get; }

        /// <summary>Allows one request at a time. It holds no native handle, so it does not need to be disposed.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        /// <summary>Number of requests that use or await it.</summary>
        public int Pins { get; set; }

        public FewShotPredictionTransformer? Model { get; private set; }

        public void Replace(FewShotPredictionTransformer? model)
        {
            Model?.Dispose();
            Model = model;
        }
    }
}
