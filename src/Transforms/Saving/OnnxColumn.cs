using Microsoft.ML.Data;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Saving;

/// <summary>How the columns of a pipeline are values of the graph: <c>[rows, slots]</c>, one slot for a scalar.</summary>
internal static class OnnxColumn
{
    /// <summary>The ONNX type of a column's items; keys are int64, from 1, and 0 where missing. Null when there is none.</summary>
    public static TensorProto.Types.DataType? TypeOf(DataViewType type) => ItemType(type) switch
    {
        TextDataViewType => TensorProto.Types.DataType.String,
        KeyDataViewType => TensorProto.Types.DataType.Int64,
        BooleanDataViewType or NumberDataViewType => OnnxTypes.Of(ItemType(type).RawType),
        _ => null,
    };

    /// <summary>The type of one slot.</summary>
    public static DataViewType ItemType(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    /// <summary>Number of slots; 0 when it differs from row to row.</summary>
    public static int WidthOf(DataViewType type) => type is VectorDataViewType vector ? vector.Size : 1;
}
