using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A source that remembers what readers did with it: columns asked for, rows read, cursors disposed.</summary>
/// <remarks>The batch number of its row i is i / 10.</remarks>
internal sealed class WatchedView(IDataView source) : IDataView
{
    /// <summary>Columns asked for last.</summary>
    public string[] Requested { get; private set; } = [];

    /// <summary>Rows that all cursors have moved to.</summary>
    public int RowsRead { get; private set; }

    /// <summary>Cursors that are open.</summary>
    public int OpenCursors { get; private set; }

    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => source.Schema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Requested = [.. columnsNeeded.Select(column => column.Name)];
        OpenCursors++;
        return new Cursor(this, source.GetRowCursor(columnsNeeded, rand));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(WatchedView view, DataViewRowCursor source) : DataViewRowCursor
    {
        public override long Position => source.Position;

        public override long Batch => source.Position / 10;

        public override DataViewSchema Schema => source.Schema;

        public override bool MoveNext()
        {
            var isRow = source.MoveNext();
            view.RowsRead += isRow ? 1 : 0;
            return isRow;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            view.OpenCursors--;
            source.Dispose();
            base.Dispose(disposing);
        }
    }
}
