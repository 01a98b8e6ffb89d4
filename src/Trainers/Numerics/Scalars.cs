using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Numerics;

/// <summary>Arithmetic of a tensor and a plain number.</summary>
/// <remarks>
/// TorchSharp turns a number into a native <see cref="Scalar"/> and does not keep it alive during the call: a garbage collection at
/// that moment frees it under libtorch's hands, which then fails or reads another number. Disposing it here keeps it alive.
/// So nothing on the path of training may call <c>mul(2.0)</c> or <c>add(b, 2.0)</c> directly.
/// </remarks>
internal static class Scalars
{
    /// <summary>a · factor.</summary>
    public static Tensor Times(this Tensor a, double factor)
    {
        using var scalar = factor.ToScalar();
        return a.mul(scalar);
    }

    /// <summary>a + number.</summary>
    public static Tensor Plus(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.add(scalar);
    }

    /// <summary>a + factor · b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b, double factor)
    {
        using var scalar = factor.ToScalar();
        return a.add(b, scalar);
    }
}
