using System.Numerics;
using System.Runtime.InteropServices;

namespace MLNetMeta.Trainers.Numerics;

/// <summary>Short loops over numbers in memory, as wide as the processor allows.</summary>
internal static class Vectors
{
    /// <summary>target += factor · added.</summary>
    public static void AddScaled<T>(Span<T> target, ReadOnlySpan<T> added, T factor)
        where T : unmanaged, INumber<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(target);
        var wideAdded = MemoryMarshal.Cast<T, Vector<T>>(added);
        var wideFactor = new Vector<T>(factor);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] += wideAdded[i] * wideFactor;
        }

        for (var i = wide.Length * Vector<T>.Count; i < target.Length; i++)
        {
            target[i] += added[i] * factor;
        }
    }

    /// <summary>target ← target · factors.</summary>
    public static void Multiply<T>(Span<T> target, ReadOnlySpan<T> factors)
        where T : unmanaged, INumber<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(target);
        var wideFactors = MemoryMarshal.Cast<T, Vector<T>>(factors);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] *= wideFactors[i];
        }

        for (var i = wide.Length * Vector<T>.Count; i < target.Length; i++)
        {
            target[i] *= factors[i];
        }
    }

    /// <summary>Σ a · b.</summary>
    public static T Dot<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : unmanaged, INumber<T>
    {
        var wideA = MemoryMarshal.Cast<T, Vector<T>>(a);
        var wideB = MemoryMarshal.Cast<T, Vector<T>>(b);
        var wideSum = Vector<T>.Zero;
        for (var i = 0; i < wideA.Length; i++)
        {
            wideSum += wideA[i] * wideB[i];
        }

        var sum = Vector.Sum(wideSum);
        for (var i = wideA.Length * Vector<T>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
