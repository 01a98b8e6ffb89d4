using System.Diagnostics.CodeAnalysis;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Distributed.Telemetry;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>The rows that a silo keeps in memory. Partitions that were not used for the longest time make room for others.</summary>
/// <remarks>
/// With a limit, partitions are read one at a time. The partition that is being read comes on top of the limit until there is room for it.
/// </remarks>
internal sealed class PartitionMemory(MetaLearningSiloOptions options) : IDisposable
{
    private readonly long _limit = options.MemoryLimit ?? long.MaxValue;
    private readonly SemaphoreSlim _reading = new(options.MemoryLimit is null ? options.ActualThreads : 1);
    private readonly Lock _gate = new();
    private readonly LinkedList<Rows> _byUse = [];
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;

    /// <summary>Uses the rows of a partition in one form, which stay until they are released.</summary>
    /// <param name="rows">The partition's place in memory.</param>
    /// <param name="form">Which form of the rows.</param>
    /// <param name="load">Makes that form, where there is another or none.</param>
    /// <exception cref="InvalidOperationException">The rows alone exceed the limit.</exception>
    public async Task<TaskData> Use(Rows rows, object form, Func<Task<TaskData>> load)
    {
        if (TryUse(rows, form, out var known))
        {
            return known;
        }

        await _reading.WaitAsync();
        try
        {
            lock (_gate)
            {
                Enter(rows); // Not before: rows that wait for others to be read may make room for them.
            }

            try
            {
                var data = await load();
                var bytes = Bytes(data);
                if (bytes > _limit)
                {
                    throw ClusterThrow.MemoryLimit(bytes, _limit);
                }

                await Keep(rows, form, data, bytes);
                return data;
            }
            catch
            {
                lock (_gate)
                {
                    Drop(rows);
                }

                Release(rows);
                throw;
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The rows may make room for others again.</summary>
    public void Release(Rows rows)
    {
        TaskCompletionSource released;
        lock (_gate)
        {
            rows.Users--;
            (released, _released) = (_released, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        released.SetResult();
    }

    /// <summary>Forgets rows that nobody will use any more.</summary>
    public void Remove(Rows rows)
    {
        lock (_gate)
        {
            Drop(rows);
        }
    }

    public void Dispose() => _reading.Dispose();

    private static long Bytes(TaskData data) =>
        ((long)sizeof(float) * (data.Features.Length + data.Targets.Length + data.ExampleWeights.Length + data.Classes.Length))
        + data.Groups.Sum(group => (long)sizeof(int) * group.Length) + data.GroupNames.Sum(name => (long)sizeof(char) * name.Length);

    private bool TryUse(Rows rows, object form, [NotNullWhen(true)] out TaskData? data)
    {
        lock (_gate)
        {
            if (!form.Equals(rows.Form))
            {
                data = null;
                return false;
            }

            Enter(rows);
            data = rows.Data!;
            return true;
        }
    }

    private void Enter(Rows rows)
    {
        rows.Users++;
        if (rows.Place is not null)
        {
            _byUse.Remove(rows.Place);
            _byUse.AddLast(rows.Place);
        }
    }

    private async Task Keep(Rows rows, object form, TaskData data, long bytes)
    {
        lock (_gate)
        {
            Drop(rows);
            (rows.Form, rows.Data, rows.Bytes, rows.Place) = (form, data, bytes, _byUse.AddLast(rows));
            Count(bytes);
        }

        while (true)
        {
            Task released;
            lock (_gate)
            {
                for (var place = _byUse.First; place is not null && _bytes > _limit;)
                {
                    var (other, next) = (place.Value, place.Next);
                    if (other.Users == 0)
                    {
                        Drop(other);
                        ClusterTelemetry.Evictions.Add(1);
                    }

                    place = next;
                }

                if (_bytes <= _limit)
                {
                    return;
                }

                released = _released.Task;
            }

            await released; // All others are being computed with.
        }
    }

    private void Drop(Rows rows)
    {
        if (rows.Place is not null)
        {
            _byUse.Remove(rows.Place);
            Count(-rows.Bytes);
            (rows.Form, rows.Data, rows.Bytes, rows.Place) = (null, null, 0, null);
        }
    }

    private void Count(long bytes)
    {
        _bytes += bytes;
        ClusterTelemetry.Memory.Add(bytes);
    }

    /// <summary>A partition's place in memory.</summary>
    internal sealed class Rows
    {
        /// <summary>The form that the rows have; null where there are none.</summary>
        public object? Form { get; set; }

        public TaskData? Data { get; set; }

        public long Bytes { get; set; }

        public int Users { get; set; }

        public LinkedListNode<Rows>? Place { get; set; }
    }
}
