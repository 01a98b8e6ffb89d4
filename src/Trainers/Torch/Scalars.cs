using TorchSharp;
using static TorchSharp.torch;

#pragma warning disable RS0030 // What is banned elsewhere is made safe here.
namespace MLNetMeta.Trainers.Torch;

/// <summary>Arithmetic in which TorchSharp passes a number to libtorch.</summary>
/// <remarks>
/// TorchSharp turns a number into a native <see cref="Scalar"/> and does not keep it alive during the call: a garbage collection at that
/// moment frees it under libtorch's hands, which then fails or reads another number. Disposing it here keeps it alive. Sums and differences
/// are concerned too: they pass a factor of 1. So nothing on the path of training may call <c>add</c>, <c>sub</c>, <c>mul(2.0)</c>, the
/// operators + and −, <c>square</c> (a power with a number), <c>ToDouble</c> or <c>ToBoolean</c>; the build bans them.
/// </remarks>
internal static class Scalars
{
    private static readonly Scalar _one = 1.0.ToScalar();
    private static readonly Scalar _minusOne = (-1.0).ToScalar();

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, _one);

    /// <summary>a − b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, _minusOne);

    /// <summary>A float64 tensor of one number throughout.</summary>
    public static Tensor Filled(long[] shape, double number)
    {
        using var scalar = number.ToScalar();
        return full(shape, scalar, ScalarType.Float64);
    }

    /// <summary>max(a, minimum).</summary>
    public static Tensor AtLeast(this Tensor a, double minimum)
    {
        using var scalar = minimum.ToScalar();
        return a.clamp_min(scalar);
    }

    /// <summary>1 where a exceeds the number, else 0.</summary>
    public static Tensor Above(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.gt(scalar).to(a.dtype);
    }

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
        return a.add(scalar, _one);
    }

    /// <summary>a + factor · b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b, double factor)
    {
        using var scalar = factor.ToScalar();
        return a.add(b, scalar);
    }

    /// <summary>a², element by element.</summary>
    public static Tensor Squared(this Tensor a) => a.mul(a);

    /// <summary>The number in a tensor of one element.</summary>
    public static double ToNumber(this Tensor a)
    {
        using var scalar = a.ToScalar();
        return scalar.ToDouble();
    }

    /// <summary>The truth value in a tensor of one element.</summary>
    public static bool ToTruth(this Tensor a)
    {
        using var scalar = a.ToScalar();
        return scalar.ToBoolean();
    }
}
