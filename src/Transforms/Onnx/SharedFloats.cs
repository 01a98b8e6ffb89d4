using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MLNetMeta.Transforms.Onnx;

/// <summary>
/// Numbers that managed code and ONNX Runtime share. They lie on the pinned heap: an <see cref="OrtValue"/> over an ordinary array holds it
/// by a pinning handle that only Dispose frees, and ML.NET does not dispose the rows and cursors that own such arrays.
/// </summary>
internal sealed class SharedFloats
{
    public SharedFloats(int length) => Array = GC.AllocateArray<float>(length, pinned: true);

    public SharedFloats(ReadOnlySpan<float> values)
        : this(values.Length) => values.CopyTo(Array);

    public float[] Array { get; }

    /// <summary>A native tensor over the first numbers. Whoever uses it keeps this object alive meanwhile.</summary>
    public OrtValue View(params long[] shape)
    {
        var count = shape.Aggregate(1L, (product, dimension) => checked(product * dimension));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.Length, nameof(shape));
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, TensorElementType.Float, shape,
            Marshal.UnsafeAddrOfPinnedArrayElement(Array, 0), count * sizeof(float));
    }
}
