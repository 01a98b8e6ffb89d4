using MLNetMeta.Trainers.Operators;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Rules;

/// <summary>Where a phase ended.</summary>
/// <param name="Phi">φ̂, with task axis.</param>
/// <param name="Residual">
/// ‖∂φ 𝓛_β‖ over all tasks before the last step: how far from an equilibrium the phase ended; 0 for a phase of no steps.
/// </param>
internal sealed record Equilibrium(NamedValues<Tensor> Phi, double Residual);
