namespace MLNetMeta.Trainers.Numerics;

/// <summary>A spike's threshold ϑ, and the pseudo-derivative that stands for the spike's own: γ max(0, 1 − |v − ϑ| / ϑ) (Bellec et al., 2020).</summary>
/// <param name="Threshold">ϑ, above 0.</param>
/// <param name="Dampening">γ, the pseudo-derivative at the threshold.</param>
internal sealed record Surrogate(double Threshold, double Dampening)
{
    /// <summary>The pseudo-derivative at potentials <paramref name="v"/>.</summary>
    public V Slope<V>(IOps<V> ops, V v)
    {
        var excess = ops.Shift(v, -Threshold);
        var distance = ops.Multiply(excess, ops.Sign(excess));
        return ops.Relu(ops.Shift(ops.Scale(distance, -Dampening / Threshold), Dampening));
    }
}
