using System.Numerics;
using System.Runtime.InteropServices;

namespace MLNetMeta.Trainers.Operators;

/// <summary>
/// A spike's threshold ϑ, and the pseudo-derivative that stands for the spike's own: γ max(0, 1 − |v − ϑ| / ϑ) (Bellec et al., 2020).
/// </summary>
/// <param name="Threshold">ϑ, above 0.</param>
/// <param name="Dampening">γ, the pseudo-derivative at the threshold.</param>
internal sealed record Surrogate(double Threshold, double Dampening)
{
    /// <summary>The pseudo-derivative at potentials <paramref name="v"/>.</summary>
    public V Slope<V>(Ops<V> ops, V v)
    {
        var excess = ops.Shift(v, -Threshold);
        var distance = ops.Multiply(excess, ops.Sign(excess));
        return ops.Relu(ops.Shift(ops.Scale(distance, -Dampening / Threshold), Dampening));
    }

    /// <summary>The same for a row of a <see cref="PaddedMatrix{T}"/>; 0 where the padding is.</summary>
    public void Slope<T>(ReadOnlySpan<T> v, Span<T> slope)
        where T : unmanaged, INumber<T>
    {
        var (threshold, dampening, decline) = (
            T.CreateTruncating(Threshold), T.CreateTruncating(Dampening), T.CreateTruncating(Dampening / Threshold));
        var wide = MemoryMarshal.Cast<T, Vector<T>>(v);
        var wideSlope = MemoryMarshal.Cast<T, Vector<T>>(slope)[..wide.Length];
        for (var i = 0; i < wide.Length; i++)
        {
            wideSlope[i] = Vector.Max(
                Vector<T>.Zero, new Vector<T>(dampening) - (Vector.Abs(wide[i] - new Vector<T>(threshold)) * decline));
        }
    }
}
