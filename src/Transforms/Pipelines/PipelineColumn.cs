using Microsoft.ML.Data;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms;

/// <summary>A column of the pipeline as a value of the graph, <c>[rows, width]</c>.</summary>
/// <param name="Name">Name of the value.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Width">Number of slots; 1 for a scalar.</param>
internal sealed record PipelineColumn(string Name, TensorProto.Types.DataType Type, int Width)
{
    /// <summary>The ONNX type of a column's items; null when there is none.</summary>
    public static TensorProto.Types.DataType? TypeOf(DataViewType type)
    {
        var item = type is VectorDataViewType vector ? vector.ItemType : type;
        return item switch
        {
            TextDataViewType => TensorProto.Types.DataType.String,
            BooleanDataViewType => TensorProto.Types.DataType.Bool,
            KeyDataViewType => null,
            _ when item == NumberDataViewType.Single => TensorProto.Types.DataType.Float,
            _ when item == NumberDataViewType.Double => TensorProto.Types.DataType.Double,
            _ when item == NumberDataViewType.Byte => TensorProto.Types.DataType.Uint8,
            _ when item == NumberDataViewType.SByte => TensorProto.Types.DataType.Int8,
            _ when item == NumberDataViewType.Int16 => TensorProto.Types.DataType.Int16,
            _ when item == NumberDataViewType.UInt16 => TensorProto.Types.DataType.Uint16,
            _ when item == NumberDataViewType.Int32 => TensorProto.Types.DataType.Int32,
            _ when item == NumberDataViewType.UInt32 => TensorProto.Types.DataType.Uint32,
            _ when item == NumberDataViewType.Int64 => TensorProto.Types.DataType.Int64,
            _ when item == NumberDataViewType.UInt64 => TensorProto.Types.DataType.Uint64,
            _ => null,
        };
    }

    /// <summary>Number of slots; 0 when it differs from row to row.</summary>
    public static int WidthOf(DataViewType type) => type is VectorDataViewType vector ? vector.Size : 1;
}
