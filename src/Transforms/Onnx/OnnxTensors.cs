using System.Runtime.InteropServices;
using Google.Protobuf;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Onnx;

/// <summary>Named constant tensors of an ONNX graph. Numbers are stored as raw little-endian bytes, the compact form.</summary>
internal static class OnnxTensors
{
    /// <summary>A float32 tensor; <paramref name="data"/> is row-major.</summary>
    public static TensorProto Float(string name, ReadOnlySpan<long> dims, ReadOnlySpan<float> data) =>
        Raw(name, TensorProto.Types.DataType.Float, dims, data);

    /// <summary>A float32 scalar (rank 0).</summary>
    public static TensorProto Float(string name, float value) => Float(name, [], [value]);

    /// <summary>A float64 tensor; <paramref name="data"/> is row-major.</summary>
    public static TensorProto Double(string name, ReadOnlySpan<long> dims, ReadOnlySpan<double> data) =>
        Raw(name, TensorProto.Types.DataType.Double, dims, data);

    /// <summary>An int64 tensor; <paramref name="data"/> is row-major.</summary>
    public static TensorProto Int64(string name, ReadOnlySpan<long> dims, ReadOnlySpan<long> data) =>
        Raw(name, TensorProto.Types.DataType.Int64, dims, data);

    /// <summary>An int64 scalar (rank 0).</summary>
    public static TensorProto Int64(string name, long value) => Int64(name, [], [value]);

    /// <summary>A vector of bytes.</summary>
    public static TensorProto Bytes(string name, ReadOnlySpan<byte> data) =>
        Raw(name, TensorProto.Types.DataType.Uint8, [data.Length], data);

    /// <summary>A vector of strings, UTF-8.</summary>
    public static TensorProto Text(string name, IReadOnlyList<string> data)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.String, Dims = { data.Count } };
        tensor.StringData.AddRange(data.Select(ByteString.CopyFromUtf8));
        return tensor;
    }

    /// <summary>The float32 elements of a tensor, whether stored raw or as a list.</summary>
    public static float[] ToFloats(TensorProto tensor) =>
        tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];

    /// <summary>The int64 elements of a tensor, whether stored raw or as a list.</summary>
    public static long[] ToIntegers(TensorProto tensor) =>
        tensor.HasRawData ? MemoryMarshal.Cast<byte, long>(tensor.RawData.Span).ToArray() : [.. tensor.Int64Data];

    /// <summary>A constant must hold in its own bytes exactly the numbers that its shape claims.</summary>
    /// <exception cref="FormatException">It refers to another file, is not of Float, Int64, Bool or Uint8, or holds more or fewer
    /// numbers.</exception>
    public static void CheckContent(TensorProto tensor)
    {
        if (tensor.DataLocation != 0)
        {
            throw Throw.WrongConstant(tensor.Name, "is stored in another file");
        }

        var (size, listed) = (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Float => (sizeof(float), tensor.FloatData.Count),
            TensorProto.Types.DataType.Int64 => (sizeof(long), tensor.Int64Data.Count),
            TensorProto.Types.DataType.Bool or TensorProto.Types.DataType.Uint8 => (sizeof(byte), tensor.Int32Data.Count),
            var other => throw Throw.WrongConstant(tensor.Name, $"is of type {other}, expected Float, Int64, Bool or Uint8"),
        };
        var held = tensor.HasRawData ? tensor.RawData.Length / (double)size : listed;
        var all = tensor.FloatData.Count + tensor.Int64Data.Count + tensor.Int32Data.Count + tensor.DoubleData.Count
            + tensor.StringData.Count;
        var claimed = tensor.Dims.Any(dim => dim < 0) ? double.NaN : tensor.Dims.Aggregate(1.0, (product, dim) => product * dim);
        if (held != claimed || all != (tensor.HasRawData ? 0 : listed))
        {
            throw Throw.WrongConstant(tensor.Name, $"of shape [{string.Join(", ", tensor.Dims)}] holds {held} numbers");
        }
    }

    private static TensorProto Raw<T>(string name, TensorProto.Types.DataType type, ReadOnlySpan<long> dims, ReadOnlySpan<T> data)
        where T : unmanaged
    {
        long count = 1;
        foreach (var dim in dims)
        {
            count *= dim;
        }

        if (count != data.Length)
        {
            throw Throw.WrongElements(name, string.Join(", ", dims.ToArray()), count, data.Length);
        }

        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(data)) };
        tensor.Dims.AddRange(dims.ToArray());
        return tensor;
    }
}
