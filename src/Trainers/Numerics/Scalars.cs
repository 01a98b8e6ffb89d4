using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Numerics;

/// <summary>Arithmetic in which TorchSharp passes a number to libtorch.</summary>
/// <remarks>
/// TorchSharp turns a number into a native <see cref="Scalar"/> and does not keep it alive during the call: a garbage collection at
/// that moment frees it under libtorch's hands, which then fails or reads another number. Disposing it here keeps it alive.
/// The sum and the difference of two tensors are concerned too: they pass a factor of 1. So nothing on the path of training may call
/// <c>add</c>, <c>sub</c>, <c>mul(2.0)</c>, or the operators + and −.
/// </remarks>
internal static class Scalars
{
    private static readonly Scalar _one = 1.0.ToScalar();
    private static readonly Scalar _minusOne = (-1.0).ToScalar();

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, _one);

    /// <summary>a − b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, _minusOne);

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
