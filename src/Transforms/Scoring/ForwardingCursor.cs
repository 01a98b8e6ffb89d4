using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Scoring;

/// <summary>A source's cursor under a wider schema, for readers that want none of the model's columns.</summary>
internal sealed class ForwardingCursor(DataViewRowCursor source, DataViewSchema schema) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;

    public override long Position => source.Position;

    public override long Batch => source.Batch;

    public override bool MoveNext() => source.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        column.Index < source.Schema.Count && source.IsColumnActive(source.Schema[column.Index]);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        IsColumnActive(column) ? source.GetGetter<TValue>(source.Schema[column.Index]) : throw Throw.InactiveColumn(column.Name);

    public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }
}
