using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Where a phase ended, and its share of a sum of gradients ∂θ 𝓛_β(φ, θ).</summary>
internal readonly record struct PhaseEnd<V>(NamedValues<V> Phi, double Beta, double Weight);
