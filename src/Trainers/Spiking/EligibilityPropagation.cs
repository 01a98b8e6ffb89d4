using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>
/// e-prop (Bellec et al., 2020) for a <see cref="SpikingNet"/>: no error is propagated through the recurrent connections.
/// </summary>
/// <remarks>
/// <para>With a synapse's eligibility εₜ = hₜ F_α[its presynaptic spikes]ₜ, h the pseudo-derivative, and the error eₜ = ∂ℓ/∂yₜ: ΔW_in,rec =
/// Σₜ (W_outᵀ eₜ) F_κ[ε]ₜ + r εₜ with r = ∂R/∂z, and ΔW_out = Σₜ eₜ F_κ[z]ₜ. <see cref="OnlineEligibilityPropagation"/>
/// computes that.</para>
/// <para>Here the sums over time are rearranged: with bₜ = hₜ (Σ_{s≥t} κˢ⁻ᵗ W_outᵀ eₛ + r), ΔW_in = Σₜ bₜ F_α[x]ₜ and ΔW_rec = Σₜ bₜ
/// F_α[z]ₜ₋₁, which needs no trace for each synapse and row. Where numbers are at hand, <see cref="EventDrivenGradient"/>
/// computes that.</para>
/// <para>Equal to backpropagation through time that holds zₜ₋₁ fixed where W_rec reads
/// it; so equal to it altogether where W_rec = 0.</para>
/// </remarks>
internal static class EligibilityPropagation
{
    /// <summary>In place of ∂/∂(W_in, W_rec, W_out) of the objective.</summary>
    public static V[] Gradient<V>(Ops<V> ops, SpikingObjective objective, Func<string, V> parameters, Rows<V> rows, bool regularized) =>
        EventDrivenGradient.OfRows(ops, objective, throughTime: false, parameters, rows, regularized)
            ?? ByMatrices(ops, objective, parameters, rows, regularized);

    /// <summary>The same for any backend, by dense products.</summary>
    public static V[] ByMatrices<V>(Ops<V> ops, SpikingObjective objective, Func<string, V> parameters, Rows<V> rows, bool regularized)
    {
        var net = objective.Net;
        var dynamics = net.Dynamics;
        var record = net.Simulate(ops, parameters, rows.Features);
        var output = parameters(SpikingNet.ReadoutWeight);

        var trace = ops.MergeRows(net.LowPass(ops, record.Spikes, dynamics.ReadoutDecay));
        var readout = ops.SplitRows(ops.MatMul(trace, output), dynamics.Steps);
        var compared = objective.Error == SpikingError.EveryStep ? readout : ops.ExpandTo(ops.Mean(readout, -2), readout);
        var error = ops.Multiply(
            objective.ReadoutError(ops, compared, SpikingObjective.OverTime(ops, rows.Targets)),
            SpikingObjective.OverTime(ops, rows.Weights));

        var ahead = ops.MergeRows(net.LookAhead(ops, error, dynamics.ReadoutDecay));
        var signal = ops.SplitRows(ops.MatMul(ahead, ops.Transpose(output)), dynamics.Steps);
        if (regularized && objective.RegularizesRates)
        {
            var rate = objective.RateSignal(ops, SpikingObjective.MeanSpikes(ops, record.Spikes), rows.Weights);
            signal = ops.Add(signal, SpikingObjective.OverTime(ops, rate));
        }

        var b = ops.MergeRows(ops.Multiply(signal, dynamics.Surrogate.Slope(ops, record.Potentials)));
        return
        [
            Product(net.LowPass(ops, rows.Features, dynamics.MembraneDecay), b),
            Product(net.LowPass(ops, record.Spikes, dynamics.MembraneDecay, delay: 1), b),
            ops.MatMul(ops.Transpose(trace), ops.MergeRows(error)),
        ];

        V Product(V presynaptic, V postsynaptic) => ops.MatMul(ops.Transpose(ops.MergeRows(presynaptic)), postsynaptic);
    }
}
