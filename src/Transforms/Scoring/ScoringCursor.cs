using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms;

/// <summary>
/// Reads a batch of rows ahead, scores them with one call of ONNX Runtime, and then walks through them. The active source
/// columns of the batch are kept, never read twice: a source may be costly, shuffled or random.
/// </summary>
internal sealed class ScoringCursor : DataViewRowCursor
{
    // Batches start small and grow: the few rows of a task's query, or of a preview, cost no more than they need.
    private const int FirstBatch = 32;

    private readonly DataViewRowCursor _source;
    private readonly ScoringPlan _plan;
    private readonly HashSet<int> _active;
    private readonly Dictionary<int, Delegate> _sourceGetters = [];
    private readonly List<IColumnBuffer> _buffers = [];
    private readonly Action<int> _readFeatures;
    private readonly ValueGetter<DataViewRowId> _getId;
    private DataViewRowId[] _ids = [];
    private long[] _batches = [];
    private BatchScorer _scorer;
    private long _position = -1;
    private int _filled;
    private int _row = -1;

    public ScoringCursor(DataViewRowCursor source, ScoringPlan plan, IReadOnlyCollection<DataViewSchema.Column> active)
    {
        _source = source;
        _plan = plan;
        _active = [.. active.Select(column => column.Index)];
        _getId = source.GetIdGetter();
        foreach (var index in _active.Where(index => index < plan.Input.Count))
        {
            var buffer = ColumnBuffer.Create(source, source.Schema[index]);
            _buffers.Add(buffer);
            _sourceGetters[index] = buffer.CreateGetter(() => Row);
        }
        _scorer = Resize(Math.Min(FirstBatch, plan.BatchSize));
        var reader = RowReader.Create(source, source.Schema[plan.Feature.Index]);
        _readFeatures = row => reader.CopyTo(_scorer.Query(row));
    }

    public override DataViewSchema Schema => _plan.Output;

    public override long Position => _position;

    public override long Batch => _row < 0 ? 0 : _batches[_row];

    /// <summary>The current row's place in the batch.</summary>
    private int Row => _row >= 0 ? _row : throw Throw.NotOnRow();

    public override bool MoveNext()
    {
        if (_row + 1 >= _filled && !Fill())
        {
            (_row, _filled, _position) = (-1, 0, -1);
            return false;
        }
        _row++;
        _position++;
        return true;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[Row];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw Throw.InactiveColumn(column.Name);
        var getter = _plan.IsOwn(column)
            ? ScoreGetters.Create(_plan.Layout, Schema[column.Index], () => _scorer.Scores(Row))
            : _sourceGetters[column.Index];
        return getter as ValueGetter<TValue> ?? throw Throw.GetterType(column.Name, column.Type.RawType, typeof(TValue));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _row = -1;
            _scorer.Dispose();
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    private bool Fill()
    {
        if (_filled == _ids.Length && _filled < _plan.BatchSize)
        {
            _scorer.Dispose();
            _scorer = Resize(Math.Min(4 * _filled, _plan.BatchSize));
        }
        _row = -1;
        _filled = 0;
        while (_filled < _ids.Length && _source.MoveNext())
        {
            _readFeatures(_filled);
            foreach (var buffer in _buffers)
                buffer.Store(_filled);
            _getId(ref _ids[_filled]);
            _batches[_filled] = _source.Batch;
            _filled++;
        }
        if (_filled == 0)
            return false;
        _scorer.Run(_filled);
        return true;
    }

    private BatchScorer Resize(int capacity)
    {
        _ids = new DataViewRowId[capacity];
        _batches = new long[capacity];
        foreach (var buffer in _buffers)
            buffer.Resize(capacity);
        return _plan.CreateScorer(capacity);
    }
}
