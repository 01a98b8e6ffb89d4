using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Saving;

/// <summary>A generated row that shows what a transformer does, for transformers with parameters that are not public.</summary>
/// <param name="schema">The transformer's input.</param>
/// <param name="values">The value of a column, of exactly its type (see <see cref="Value"/>). It is called again each time, because a
/// reader may reuse the value that it got.</param>
internal sealed class ProbeRow(DataViewSchema schema, Func<DataViewSchema.Column, object> values) : DataViewRow
{
    public override DataViewSchema Schema => schema;

    public override long Position => 0;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = default;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => (ref TValue value) =>
        value = values(column) is TValue typed ? typed : throw Throw.GetterType(column.Name, column.Type.RawType, typeof(TValue));

    /// <summary>The slots of a column as its value: a vector, or for a scalar column the first. A copy: readers may write to what they
    /// get.</summary>
    public static object Value<T>(DataViewSchema.Column column, T[] slots) =>
        column.Type is VectorDataViewType ? new VBuffer<T>(slots.Length, [.. slots]) : slots[0]!;

    /// <summary>What <paramref name="stage"/> makes of a row of these values.</summary>
    public static T[] Run<T>(
        ITransformer stage, DataViewSchema input, DataViewSchema.Column output, Func<DataViewSchema.Column, object> values)
    {
        using var row = stage.GetRowToRowMapper(input).GetRow(new ProbeRow(input, values), [output]);
        if (output.Type is not VectorDataViewType)
        {
            T scalar = default!;
            row.GetGetter<T>(output)(ref scalar);
            return [scalar];
        }

        VBuffer<T> vector = default;
        row.GetGetter<VBuffer<T>>(output)(ref vector);
        return [.. vector.DenseValues()];
    }
}
