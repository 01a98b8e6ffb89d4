using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>
/// Reads batches of rows ahead, scores each with one call of ONNX Runtime, on several threads when there are many, and then walks through
/// them in order. The active source columns of the batches are kept, never read twice: a source may be costly, shuffled or random. The
/// source is read by the thread that moves the cursor, and by no other.
/// </summary>
internal sealed class ScoringCursor : DataViewRowCursor, IScored
{
    // Batches start small and grow: the few rows of a task's query, or of a preview, cost no more than they need.
    private const int FirstBatch = 32;

    private readonly DataViewRowCursor _source;
    private readonly ScoringPlan _plan;
    private readonly HashSet<int> _active;
    private readonly Dictionary<int, Delegate> _sourceGetters = [];
    private readonly IColumnBuffer[] _buffers;
    private readonly RowReader _reader;
    private readonly ValueGetter<DataViewRowId> _getId;

    // A ring of batches of _capacity rows each: the current one, and those scored meanwhile. Row r of batch b is at b · _capacity + r.
    private ScoringBatch[] _ring;
    private int _capacity;
    private int _current;
    private BatchScorer? _scored;
    private int _rows;
    private int _started;
    private bool _sourceHasEnded;
    private DataViewRowId[] _ids = [];
    private long[] _batches = [];
    private long _position = -1;
    private int _row = -1;

    public ScoringCursor(DataViewRowCursor source, ScoringPlan plan, IReadOnlyCollection<DataViewSchema.Column> active)
    {
        _source = source;
        _plan = plan;
        _active = [.. active.Select(column => column.Index)];
        _getId = source.GetIdGetter();
        _reader = RowReader.Create(source, source.Schema[plan.Feature.Index]);
        var kept = _active.Where(index => index < plan.Input.Count).ToArray();
        _buffers = [.. kept.Select(index => ColumnBuffer.Create(source, source.Schema[index]))];
        foreach (var (index, buffer) in kept.Zip(_buffers))
        {
            _sourceGetters[index] = buffer.CreateGetter(() => RingRow);
        }

        _ring = CreateRing(Math.Min(FirstBatch, plan.BatchSize));
    }

    public override DataViewSchema Schema => _plan.Output;

    public override long Position => _position;

    public override long Batch => _row < 0 ? 0 : _batches[RingRow];

    ReadOnlySpan<float> IScored.Scores => _scored!.Scores(Row);

    ReadOnlySpan<float> IScored.HalfWidths => _scored!.HalfWidths(Row);

    private ScoringBatch Current => _ring[_current];

    /// <summary>The current row's place in its batch.</summary>
    private int Row => _row >= 0 ? _row : throw Throw.NotOnRow();

    /// <summary>The current row's place among the rows of all batches.</summary>
    private int RingRow => _current * _capacity + Row;

    public override bool MoveNext()
    {
        if (_row + 1 >= _rows && !EnterNextBatch())
        {
            return false;
        }

        _row++;
        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[RingRow];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw Throw.InactiveColumn(column.Name);
        }

        var getter = _plan.IsOwn(column)
            ? ScoreGetters.Create(_plan.Layout, Schema[column.Index], this)
            : _sourceGetters[column.Index];
        return getter as ValueGetter<TValue> ?? throw Throw.GetterType(column.Name, column.Type.RawType, typeof(TValue));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _row = -1;
            DisposeRing();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool EnterNextBatch()
    {
        if (NextBatch())
        {
            (_scored, _rows) = (Current.Scorer, Current.Rows);
            return true;
        }

        (_row, _rows, Current.Rows, _position) = (-1, 0, 0, -1);
        return false;
    }

    /// <summary>Makes the next batch the current one, and has those after it scored meanwhile.</summary>
    private bool NextBatch()
    {
        _row = -1;
        if (_ring.Length == 1)
        {
            return NextGrownBatch();
        }

        while (_started < _ring.Length && !_sourceHasEnded)
        {
            var next = (_current + 1 + _started) % _ring.Length;
            if (Read(next))
            {
                _ring[next].Start();
                _started++;
            }
        }

        if (_started == 0)
        {
            return false;
        }

        _current = (_current + 1) % _ring.Length;
        _started--;
        Finish();
        return true;
    }

    /// <summary>One batch after the other, each larger, until so many rows have come that a ring of full batches pays.</summary>
    private bool NextGrownBatch()
    {
        if (Current.Rows == _capacity && (_capacity < _plan.BatchSize || _plan.BatchesAhead > 0))
        {
            var isFull = _capacity == _plan.BatchSize;
            DisposeRing();
            _ring = CreateRing(Math.Min(4 * _capacity, _plan.BatchSize), isFull ? _plan.BatchesAhead : 0);
            if (isFull)
            {
                return NextBatch();
            }
        }

        if (!Read(0))
        {
            return false;
        }

        Current.Scorer.Run(Current.Rows);
        return true;
    }

    /// <summary>Sees to it that the current batch is scored, and spends the time that another thread takes for it on those after
    /// it.</summary>
    private void Finish()
    {
        Current.RunIfWaiting();
        for (var ahead = 1; ahead <= _started && !Current.IsDone; ahead++)
        {
            _ring[(_current + ahead) % _ring.Length].RunIfWaiting();
        }

        Current.Wait();
    }

    /// <summary>Fills a batch from the source.</summary>
    /// <returns>Whether there was a row left.</returns>
    private bool Read(int index)
    {
        var batch = _ring[index];
        var scorer = batch.Scorer;
        var place = index * _capacity;
        var rows = 0;
        for (; rows < _capacity && _source.MoveNext(); rows++, place++)
        {
            _reader.CopyTo(scorer.Query(rows));
            foreach (var buffer in _buffers)
            {
                buffer.Store(place);
            }

            _getId(ref _ids[place]);
            _batches[place] = _source.Batch;
        }

        batch.Rows = rows;
        _sourceHasEnded = rows < _capacity;
        return rows > 0;
    }

    private ScoringBatch[] CreateRing(int capacity, int batchesAhead = 0)
    {
        var batches = 1 + batchesAhead;
        (_capacity, _current) = (capacity, 0);
        _ids = new DataViewRowId[batches * capacity];
        _batches = new long[batches * capacity];
        foreach (var buffer in _buffers)
        {
            buffer.Resize(batches * capacity);
        }

        return [.. Enumerable.Range(0, batches).Select(_ => new ScoringBatch(_plan.CreateScorer(capacity)))];
    }

    private void DisposeRing()
    {
        foreach (var batch in _ring)
        {
            batch.Dispose();
        }
    }
}
