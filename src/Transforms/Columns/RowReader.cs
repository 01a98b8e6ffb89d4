using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetMeta.Transforms.Columns;

/// <summary>Reads a Single or Vector&lt;Single&gt; column of the current row into dense memory, without allocating.</summary>
internal sealed class RowReader
{
    private readonly ValueGetter<float>? _scalar;
    private readonly ValueGetter<VBuffer<float>>? _vector;
    private VBuffer<float> _buffer;

    private RowReader(ValueGetter<float>? scalar, ValueGetter<VBuffer<float>>? vector) => (_scalar, _vector) = (scalar, vector);

    public static RowReader Create(DataViewRow row, DataViewSchema.Column column) => column.Type is VectorDataViewType
        ? new(null, row.GetGetter<VBuffer<float>>(column))
        : new(row.GetGetter<float>(column), null);

    public void CopyTo(Span<float> destination)
    {
        if (_scalar is not null)
        {
            _scalar(ref destination[0]);
        }
        else
        {
            _vector!(ref _buffer);
            if (_buffer.IsDense)
            {
                _buffer.GetValues().CopyTo(destination);
            }
            else
            {
                _buffer.CopyTo(destination);
            }
        }
    }
}
