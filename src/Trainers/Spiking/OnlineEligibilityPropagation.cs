using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>e-prop as a synapse would do it: forward in time, from what neurons and synapses remember of the step before.</summary>
/// <remarks>
/// The same result as <see cref="EligibilityPropagation"/>, see there. Cost: memory for each synapse and row, whatever the length of time;
/// time about a hundredfold. With <see cref="SpikingError.TimeAverage"/> the learning signal comes after
/// the last step and meets traces summed up until then.
/// </remarks>
internal static class OnlineEligibilityPropagation
{
    /// <summary>What the synapses of one weight matrix remember, <c>[.., rows, presynaptic, units]</c>.</summary>
    /// <param name="Trace">F_κ[ε].</param>
    /// <param name="Eligibility">Σ ε, which the regularisation of rates needs.</param>
    /// <param name="Signalled">Σ learning signal · F_κ[ε].</param>
    private sealed record Synapses<V>(V Trace, V Eligibility, V Signalled)
    {
        public static Synapses<V> Fresh(V zeros) => new(zeros, zeros, zeros);

        public Synapses<V> After(Ops<V> ops, double decay, V filtered, V slope, Func<V, V> signalled)
        {
            var eligibility = Outer(ops, filtered, slope);
            var trace = ops.AddScaled(eligibility, Trace, decay);
            return new Synapses<V>(trace, ops.Add(Eligibility, eligibility), ops.Add(Signalled, signalled(trace)));
        }
    }

    /// <summary>All that is remembered from one time step to the next; of neurons <c>[.., rows, neurons]</c>.</summary>
    private sealed record Memory<V>(
        V Potential, V Spikes, V FilteredInput, V FilteredSpikes, V Trace, V SpikeCount, V Readout, Synapses<V> Input,
        Synapses<V> Recurrent)
    {
        public V[] ToArray() =>
        [
            Potential, Spikes, FilteredInput, FilteredSpikes, Trace, SpikeCount, Readout,
            Input.Trace, Input.Eligibility, Input.Signalled, Recurrent.Trace, Recurrent.Eligibility, Recurrent.Signalled,
        ];

        public static Memory<V> Of(V[] m) => new(
            m[0], m[1], m[2], m[3], m[4], m[5], m[6], new Synapses<V>(m[7], m[8], m[9]), new Synapses<V>(m[10], m[11], m[12]));
    }

    /// <summary>In place of ∂/∂(W_in, W_rec, W_out) of the objective.</summary>
    public static V[] Gradient<V>(Ops<V> ops, SpikingObjective objective, Func<string, V> parameters, Rows<V> rows, bool regularized)
    {
        var (net, dynamics) = (objective.Net, objective.Net.Dynamics);
        var (input, recurrent, output) = (
            parameters(SpikingNet.InputWeight), parameters(SpikingNet.RecurrentWeight), parameters(SpikingNet.ReadoutWeight));
        var isOnline = objective.Error == SpikingError.EveryStep;
        var (end, _) = ops.Scan(Fresh(ops, net, rows.Features, isOnline ? net.Outputs : 1).ToArray(), [rows.Features], (now, memory, x) =>
        {
            var m = Memory<V>.Of(memory);
            var filteredInput = now.AddScaled(x[0], m.FilteredInput, dynamics.MembraneDecay);
            var filteredSpikes = now.AddScaled(m.Spikes, m.FilteredSpikes, dynamics.MembraneDecay);
            var (v, z) = net.Step(now, m.Potential, m.Spikes, now.MatMul(x[0], input), recurrent);
            var slope = dynamics.Surrogate.Slope(now, v);
            var trace = now.AddScaled(z, m.Trace, dynamics.ReadoutDecay);
            var error = objective.ReadoutError(now, now.MatMul(trace, output), rows.Targets);
            var signal = Signal(now, error);
            V Signalled(V t) => isOnline ? now.Multiply(t, signal) : t;
            return (new Memory<V>(
                v, z, filteredInput, filteredSpikes, trace, now.Add(m.SpikeCount, z),
                now.Add(m.Readout, isOnline ? Outer(now, trace, error) : now.SplitLast(trace, 1)),
                m.Input.After(now, dynamics.ReadoutDecay, filteredInput, slope, Signalled),
                m.Recurrent.After(now, dynamics.ReadoutDecay, filteredSpikes, slope, Signalled)).ToArray(), []);
        });

        var last = Memory<V>.Of(end);
        var (ofInput, ofRecurrent, ofOutput) = (last.Input.Signalled, last.Recurrent.Signalled, last.Readout);
        if (!isOnline)
        {
            var mean = ops.Scale(ops.MatMul(ops.MergeLast(last.Readout), output), 1.0 / dynamics.Steps);
            var error = objective.ReadoutError(ops, mean, rows.Targets);
            (ofInput, ofRecurrent) = (ops.Multiply(ofInput, Signal(ops, error)), ops.Multiply(ofRecurrent, Signal(ops, error)));
            ofOutput = ops.Multiply(ofOutput, SpikingObjective.OverTime(ops, error));
        }

        var gradient = new[] { ofInput, ofRecurrent, ofOutput };
        var weights = ops.SplitLast(rows.Weights, 1);
        gradient = Array.ConvertAll(gradient, g => ops.Multiply(g, weights));
        if (regularized && objective.RegularizesRates)
        {
            var rate = SpikingObjective.OverTime(
                ops, objective.RateSignal(ops, ops.Scale(last.SpikeCount, 1.0 / dynamics.Steps), rows.Weights));
            gradient[0] = ops.Add(gradient[0], ops.Multiply(last.Input.Eligibility, rate));
            gradient[1] = ops.Add(gradient[1], ops.Multiply(last.Recurrent.Eligibility, rate));
        }

        return Array.ConvertAll(gradient, g => SumOfRows(ops, g, rows.Weights));

        // W_outᵀ e for the neurons behind every synapse: [.., rows, 1, units].
        V Signal(Ops<V> now, V error) => SpikingObjective.OverTime(now, now.MatMul(error, now.Transpose(output)));
    }

    private static Memory<V> Fresh<V>(Ops<V> ops, SpikingNet net, V inputs, int errors)
    {
        var (units, presynaptic) = (SpikingNet.Zeros(ops, inputs, net.Units), SpikingNet.Zeros(ops, inputs, ops.Length(inputs, -1)));
        // Readout: for every output where errors come step by step; else one sum of traces, which all outputs share.
        var readout = Outer(ops, units, SpikingNet.Zeros(ops, inputs, errors));
        return new Memory<V>(
            units, units, presynaptic, units, units, units, readout, Synapses<V>.Fresh(Outer(ops, presynaptic, units)),
            Synapses<V>.Fresh(Outer(ops, units, units)));
    }

    /// <summary><c>[.., rows, n]</c>, <c>[.., rows, m]</c> → <c>[.., rows, n, m]</c>.</summary>
    private static V Outer<V>(Ops<V> ops, V a, V b) => ops.Multiply(ops.SplitLast(a, 1), ops.SplitLast(b, ops.Length(b, -1)));

    /// <summary><c>[.., rows, n, m]</c> → <c>[.., n, m]</c>.</summary>
    private static V SumOfRows<V>(Ops<V> ops, V values, V weights)
    {
        var ones = ops.Transpose(ops.Shift(ops.ZerosLike(weights), 1));
        return ops.MergeRows(ops.SplitLast(ops.MatMul(ones, ops.MergeLast(values)), ops.Length(values, -1)));
    }
}
