using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>One row with the model's columns, scored at most once per position, when first asked.</summary>
internal sealed class ScoredRow : DataViewRow, IScored
{
    private readonly DataViewRow _input;
    private readonly ScoringPlan _plan;
    private readonly HashSet<int> _active;
    private readonly BatchScorer? _scorer;
    private readonly RowReader? _reader;
    private long _scoredPosition = long.MinValue;

    public ScoredRow(DataViewRow input, ScoringPlan plan, HashSet<int> active)
    {
        (_input, _plan, _active) = (input, plan, active);
        if (!active.Any(index => index >= plan.Input.Count))
        {
            return;
        }

        _scorer = plan.CreateScorer(capacity: 1);
        _reader = RowReader.Create(input, input.Schema[plan.Feature.Index]);
    }

    public override DataViewSchema Schema => _plan.Output;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw Throw.InactiveColumn(column.Name);
        }

        if (!_plan.IsOwn(column))
        {
            return _input.GetGetter<TValue>(_input.Schema[column.Index]);
        }

        return ScoreGetters.Create(_plan.Layout, Schema[column.Index], this) as ValueGetter<TValue>
            ?? throw Throw.GetterType(column.Name, column.Type.RawType, typeof(TValue));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _scorer?.Dispose();
            _input.Dispose();
        }

        base.Dispose(disposing);
    }

    ReadOnlySpan<float> IScored.Scores => Scored().Scores(0);

    ReadOnlySpan<float> IScored.HalfWidths => Scored().HalfWidths(0);

    private BatchScorer Scored()
    {
        if (_scoredPosition != _input.Position)
        {
            _reader!.CopyTo(_scorer!.Query(0));
            _scorer.Run(1);
            _scoredPosition = _input.Position;
        }

        return _scorer!;
    }
}
