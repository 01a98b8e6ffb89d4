using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Onnx;

/// <summary>ONNX's names of .NET's numbers.</summary>
internal static class OnnxTypes
{
    /// <summary>The ONNX type of numbers or booleans.</summary>
    public static TensorProto.Types.DataType Of(Type type) => Type.GetTypeCode(type) switch
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
        _ => throw Throw.NoNumbers(type),
    };
}
