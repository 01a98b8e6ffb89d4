using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Finite-difference stencil in β: ĝ = (1/β) Σₖ wₖ · ∂θ 𝓛(φ̂(kβ), θ; kβ).</summary>
/// <remarks>Consistency: Σ w = 0 and Σ k·w = 1. Each node beside 0 is one nudged phase. ∂θ is partial: φ̂ is held fixed.</remarks>
internal sealed record Stencil(NudgingStencil Kind, ImmutableArray<(double Node, double Weight)> Terms)
{
    public static Stencil Forward { get; } = new(NudgingStencil.Forward, [(0, -1), (1, 1)]);

    public static Stencil Symmetric { get; } = new(NudgingStencil.Symmetric, [(-1, -0.5), (1, 0.5)]);

    public static Stencil SecondOrder { get; } = new(NudgingStencil.SecondOrder, [(0, -1.5), (1, 2), (2, -0.5)]);

    public static ImmutableArray<Stencil> All { get; } = [Forward, Symmetric, SecondOrder];

    public static Stencil Of(NudgingStencil kind) => All.Single(s => s.Kind == kind);
}
