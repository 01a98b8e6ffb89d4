using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>Constants of leaky integrate-and-fire neurons.</summary>
/// <param name="Steps">Time steps T of a presentation.</param>
/// <param name="MembraneTimeConstant">τ of the neurons' potentials, in time steps: α = exp(−1/τ).</param>
/// <param name="ReadoutTimeConstant">τ of the readout, in time steps: κ = exp(−1/τ).</param>
/// <param name="Threshold">ϑ: a neuron whose potential exceeds it spikes, and loses as much.</param>
internal sealed record SpikingDynamics(int Steps, double MembraneTimeConstant, double ReadoutTimeConstant, double Threshold)
{
    /// <summary>γ of the pseudo-derivative (Bellec et al., 2020).</summary>
    private const double Dampening = 0.3;

    /// <summary>α.</summary>
    public double MembraneDecay => Math.Exp(-1 / MembraneTimeConstant);

    /// <summary>κ.</summary>
    public double ReadoutDecay => Math.Exp(-1 / ReadoutTimeConstant);

    public Surrogate Surrogate => new(Threshold, Dampening);
}
