using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms;

/// <summary>A row made up to see what a transformer does to it, where its parameters are not public. Columns of Single only.</summary>
internal sealed class ProbeRow(DataViewSchema schema, Func<int, float[]> values) : DataViewRow
{
    public override DataViewSchema Schema => schema;

    public override long Position => 0;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = default;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var row = values(column.Index);
        Delegate getter = column.Type is VectorDataViewType
            ? new ValueGetter<VBuffer<float>>((ref VBuffer<float> value) => new VBuffer<float>(row.Length, row).CopyTo(ref value))
            : new ValueGetter<float>((ref float value) => value = row[0]);
        return getter as ValueGetter<TValue> ?? throw Throw.GetterType(column.Name, column.Type.RawType, typeof(TValue));
    }

    /// <summary>What <paramref name="stage"/> makes of a row in which column i holds <paramref name="values"/>(i).</summary>
    public static float[] Run(ITransformer stage, DataViewSchema input, DataViewSchema.Column output, Func<int, float[]> values)
    {
        using var row = stage.GetRowToRowMapper(input).GetRow(new ProbeRow(input, values), [output]);
        if (output.Type is not VectorDataViewType)
        {
            var scalar = 0f;
            row.GetGetter<float>(output)(ref scalar);
            return [scalar];
        }
        VBuffer<float> vector = default;
        row.GetGetter<VBuffer<float>>(output)(ref vector);
        return [.. vector.DenseValues()];
    }
}
