using System.Numerics;
using System.Runtime.InteropServices;

namespace MLNetMeta.Trainers.Operators;

/// <summary>Short loops over rows of <see cref="PaddedMatrix{T}"/>, as wide as the processor allows: lengths are whole vectors.</summary>
internal static class VectorLoops
{
    /// <summary>target ← factor · source.</summary>
    public static void Scale<T>(Span<T> target, ReadOnlySpan<T> source, T factor)
        where T : unmanaged, INumber<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(target);
        var wideSource = MemoryMarshal.Cast<T, Vector<T>>(source)[..wide.Length];
        var wideFactor = new Vector<T>(factor);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = wideSource[i] * wideFactor;
        }
    }

    /// <summary>target += factor · added.</summary>
    public static void AddScaled<T>(Span<T> target, ReadOnlySpan<T> added, T factor)
        where T : unmanaged, INumber<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(target);
        var wideAdded = MemoryMarshal.Cast<T, Vector<T>>(added)[..wide.Length];
        var wideFactor = new Vector<T>(factor);
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] += wideAdded[i] * wideFactor;
        }
    }

    /// <summary>target ← target · factors.</summary>
    public static void Multiply<T>(Span<T> target, ReadOnlySpan<T> factors)
        where T : unmanaged, INumber<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(target);
        var wideFactors = MemoryMarshal.Cast<T, Vector<T>>(factors)[..wide.Length];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] *= wideFactors[i];
        }
    }

    /// <summary>Σ a · b.</summary>
    public static T Dot<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : unmanaged, INumber<T>
    {
        var wide = MemoryMarshal.Cast<T, Vector<T>>(a);
        var other = MemoryMarshal.Cast<T, Vector<T>>(b)[..wide.Length];
        var sum = Vector<T>.Zero;
        for (var i = 0; i < wide.Length; i++)
        {
            sum += wide[i] * other[i];
        }

        return Vector.Sum(sum);
    }
}
