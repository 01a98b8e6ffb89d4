using Microsoft.ML.Data;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms;

/// <summary>How the columns of a pipeline are values of the graph: <c>[rows, slots]</c>, one slot for a scalar.</summary>
internal static class PipelineColumn
{
    /// <summary>The ONNX type of a column's items; keys are int64, from 1, and 0 where missing. Null when there is none.</summary>
    public static TensorProto.Types.DataType? TypeOf(DataViewType type) => ItemType(type) switch
    {
        TextDataViewType => TensorProto.Types.DataType.String,
        KeyDataViewType => TensorProto.Types.DataType.Int64,
        BooleanDataViewType or NumberDataViewType => TypeOf(ItemType(type).RawType),
        _ => null,
    };

    /// <summary>The ONNX type of numbers.</summary>
    public static TensorProto.Types.DataType TypeOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Single => TensorProto.Types.DataType.Float,
        TypeCode.Double => TensorProto.Types.DataType.Double,
        TypeCode.Boolean => TensorProto.Types.DataType.Bool,
        TypeCode.Byte => TensorProto.Types.DataType.Uint8,
        TypeCode.SByte => TensorProto.Types.DataType.Int8,
        TypeCode.Int16 => TensorProto.Types.DataType.Int16,
        TypeCode.UInt16 => TensorProto.Types.DataType.Uint16,
        TypeCode.Int32 => TensorProto.Types.DataType.Int32,
        TypeCode.UInt32 => TensorProto.Types.DataType.Uint32,
        TypeCode.Int64 => TensorProto.Types.DataType.Int64,
        TypeCode.UInt64 => TensorProto.Types.DataType.Uint64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Expected numbers or booleans."),
    };

    /// <summary>The type of one slot.</summary>
    public static DataViewType ItemType(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    /// <summary>Number of slots; 0 when it differs from row to row.</summary>
    public static int WidthOf(DataViewType type) => type is VectorDataViewType vector ? vector.Size : 1;
}
