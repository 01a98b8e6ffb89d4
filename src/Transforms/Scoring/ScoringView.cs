using Microsoft.ML;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>A view with the model's columns added, scored in batches while it is read. Nothing happens before a cursor moves.</summary>
internal sealed class ScoringView(IDataView source, ScoringPlan plan) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => plan.Output;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = columnsNeeded.ToArray();
        return Wrap(source.GetRowCursor(plan.Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = columnsNeeded.ToArray();
        return [.. source.GetRowCursorSet(plan.Dependencies(active), n, rand).Select(cursor => Wrap(cursor, active))];
    }

    private DataViewRowCursor Wrap(DataViewRowCursor cursor, DataViewSchema.Column[] active) =>
        active.Any(plan.IsOwn) ? new ScoringCursor(cursor, plan, active) : new ForwardingCursor(cursor, plan.Output);
}
