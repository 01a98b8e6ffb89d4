using System.Collections.Immutable;
using System.Text.Json;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>A recurrent network of leaky integrate-and-fire neurons with a linear readout (paper, section 5.4).</summary>
/// <remarks>
/// <para>vₜ = α vₜ₋₁ + W_in xₜ + W_rec zₜ₋₁ − ϑ zₜ₋₁, zₜ = H(vₜ − ϑ), yₜ = κ yₜ₋₁ + W_out zₜ; the output is the mean of y over time. No
/// biases. The reset −ϑ zₜ₋₁ is held fixed in derivatives; those of the spikes are the <see cref="Surrogate"/>'s.</para>
/// <para>Low-pass filters over time are products with a triangular matrix: F_a[u]ₜ = Σ_{s≤t} aᵗ⁻ˢ uₛ.
/// Only the recurrence itself goes step by step.</para>
/// </remarks>
internal sealed class SpikingNet : INetworkDescription
{
    public const string InputWeight = "input.weight";

    public const string RecurrentWeight = "recurrent.weight";

    public const string ReadoutWeight = "head.weight";

    private readonly SpikeEncoder _encoder;

    /// <param name="encoder">How features become spikes.</param>
    /// <param name="dynamics">Constants of the neurons.</param>
    /// <param name="units">Neurons.</param>
    /// <param name="outputs">Outputs of the readout.</param>
    public SpikingNet(SpikeEncoder encoder, SpikingDynamics dynamics, int units, int outputs)
    {
        _encoder = encoder;
        Dynamics = dynamics;
        Units = units;
        Outputs = outputs;
        Weights =
        [
            new ParameterSpec(InputWeight, [encoder.Inputs, units]) { InitialDeviation = 0.1 * Math.Sqrt(2.0 / encoder.Inputs) },
            new ParameterSpec(RecurrentWeight, [units, units]) { InitialDeviation = 0.01 * Math.Sqrt(2.0 / units) },
            new ParameterSpec(ReadoutWeight, [units, outputs]) { InitialDeviation = 0.1 * Math.Sqrt(2.0 / units) },
        ];
    }

    public SpikingDynamics Dynamics { get; }

    public int Units { get; }

    /// <summary>Input neurons.</summary>
    public int SpikeInputs => _encoder.Inputs;

    public int Outputs { get; }

    public int Inputs => _encoder.Features;

    public ImmutableArray<ParameterSpec> Weights { get; }

    public string Describe() => JsonSerializer.Serialize(new
    {
        kind = nameof(SpikingNet),
        inputs = _encoder.Inputs,
        units = Units,
        timeSteps = Dynamics.Steps,
        membraneTimeConstant = Dynamics.MembraneTimeConstant,
        readoutTimeConstant = Dynamics.ReadoutTimeConstant,
        threshold = Dynamics.Threshold,
        encoding = _encoder.Describe(),
    });

    /// <summary>Numbers as spikes, <c>[.., rows, time, inputs]</c>.</summary>
    public V Encode<V>(Ops<V> ops, V features) => _encoder.Encode(ops, features);

    /// <summary>Input spikes → the mean of the readout over time, <c>[.., rows, outputs]</c>.</summary>
    public V Predict<V>(Ops<V> ops, Func<string, V> parameters, V inputs) =>
        EventDrivenPrediction.TryPredict(ops, this, parameters, inputs, out var predictions)
        ? predictions
        : MeanReadout(ops, parameters, Simulate(ops, parameters, inputs).Spikes);

    /// <summary>Presents input spikes <c>[.., rows, time, inputs]</c> to the network.</summary>
    public SpikeRecord<V> Simulate<V>(Ops<V> ops, Func<string, V> parameters, V inputs)
    {
        var currents = ops.SplitRows(ops.MatMul(ops.MergeRows(inputs), parameters(InputWeight)), Dynamics.Steps);
        var recurrent = parameters(RecurrentWeight);
        var silence = Zeros(ops, currents, Units);
        var (_, outputs) = ops.Scan([silence, silence], [currents], (now, states, current) =>
        {
            var (potential, spikes) = Step(now, states[0], states[1], current[0], recurrent);
            return ([potential, spikes], [potential, spikes]);
        });
        return new SpikeRecord<V>(outputs[0], outputs[1]);
    }

    /// <summary>One time step: (vₜ₋₁, zₜ₋₁, W_in xₜ) → (vₜ, zₜ).</summary>
    public (V Potential, V Spikes) Step<V>(Ops<V> ops, V potential, V spikes, V current, V recurrent)
    {
        var leaked = ops.AddScaled(current, potential, Dynamics.MembraneDecay);
        var reset = ops.AddScaled(leaked, ops.StopGradient(spikes), -Dynamics.Threshold);
        var next = ops.Add(reset, ops.MatMul(spikes, recurrent));
        return (next, ops.Spike(next, Dynamics.Surrogate));
    }

    /// <summary>yₜ, <c>[.., rows, time, outputs]</c>.</summary>
    public V Readout<V>(Ops<V> ops, Func<string, V> parameters, V spikes) =>
        ops.SplitRows(ops.MatMul(ops.MergeRows(LowPass(ops, spikes, Dynamics.ReadoutDecay)), parameters(ReadoutWeight)), Dynamics.Steps);

    /// <summary>Mean of y over time, <c>[.., rows, outputs]</c>.</summary>
    public V MeanReadout<V>(Ops<V> ops, Func<string, V> parameters, V spikes) =>
        ops.MatMul(MeanTrace(ops, spikes), parameters(ReadoutWeight));

    /// <summary>
    /// Mean over time of F_κ[z]: <c>[.., rows, time, units]</c> → <c>[.., rows, units]</c>; the output is the readout of it.
    /// </summary>
    public V MeanTrace<V>(Ops<V> ops, V spikes) =>
        ops.MergeRows(ops.MatMul(ops.Constant(MeanWeights(), [1, Dynamics.Steps], spikes), spikes));

    /// <summary>By how much a spike at each time step contributes to the mean of the readout: Σ_{t≥s} κᵗ⁻ˢ / T.</summary>
    public float[] MeanWeights() => [.. Enumerable.Range(0, Dynamics.Steps).Select(s =>
        (float)(Enumerable.Range(0, Dynamics.Steps - s).Sum(later => Math.Pow(Dynamics.ReadoutDecay, later)) / Dynamics.Steps))];

    /// <summary>F_a[u]ₜ = Σ_{s≤t−delay} aᵗ⁻ᵈᵉˡᵃʸ⁻ˢ uₛ along time, <c>[.., time, units]</c>.</summary>
    public V LowPass<V>(Ops<V> ops, V sequence, double decay, int delay = 0) => ops.MatMul(Filter(ops, sequence, decay, delay), sequence);

    /// <summary>The adjoint of <see cref="LowPass"/> without delay, which looks ahead: Σ_{s≥t} aˢ⁻ᵗ uₛ.</summary>
    public V LookAhead<V>(Ops<V> ops, V sequence, double decay) =>
        ops.MatMul(ops.Transpose(Filter(ops, sequence, decay, delay: 0)), sequence);

    /// <summary>Zeros <c>[.., rows, neurons]</c> for the rows of a sequence.</summary>
    public static V Zeros<V>(Ops<V> ops, V sequence, int neurons) =>
        ops.Add(
            ops.ZerosLike(ops.SumLast(ops.MergeRows(ops.Mean(sequence, -2)))), ops.Constant(new float[neurons], [1, neurons], sequence));

    private V Filter<V>(Ops<V> ops, V like, double decay, int delay)
    {
        var matrix = new float[Dynamics.Steps * Dynamics.Steps];
        for (var t = 0; t < Dynamics.Steps; t++)
        {
            for (var s = 0; s + delay <= t; s++)
            {
                matrix[(t * Dynamics.Steps) + s] = (float)Math.Pow(decay, t - delay - s);
            }
        }

        return ops.Constant(matrix, [Dynamics.Steps, Dynamics.Steps], like);
    }
}
