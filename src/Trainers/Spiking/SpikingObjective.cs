using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>What a spiking network is to do: follow the targets, and keep its firing rates near a target of their own.</summary>
/// <remarks>
/// Rows are encoded, see <c>ILearner.Encode</c>: their features are input spikes <c>[.., rows, time, inputs]</c>. ℓ = mean over rows,
/// outputs and (with <see cref="SpikingError.EveryStep"/>) time of (y − y*)²; R = ½ c Σⱼ (fⱼ − f*)² with
/// fⱼ the mean of neuron j's spikes over rows and time.
/// </remarks>
/// <param name="Net">The network.</param>
/// <param name="Error">What of the readout is compared with the targets.</param>
/// <param name="RateStrength">c, at least 0.</param>
/// <param name="RateTarget">f*, spikes per time step.</param>
internal sealed record SpikingObjective(SpikingNet Net, SpikingError Error, double RateStrength, double RateTarget)
{
    public bool RegularizesRates => RateStrength > 0;

    /// <summary>∂ℓ/∂yₜ of a row, before its weight, over the mistake.</summary>
    public double ErrorScale => 2.0 / (Net.Outputs * Net.Dynamics.Steps);

    /// <summary>ℓ, and R where <paramref name="regularized"/>; summed over tasks, rank 0.</summary>
    public V Loss<V>(Ops<V> ops, Func<string, V> parameters, Rows<V> rows, bool regularized)
    {
        if (Error == SpikingError.TimeAverage && !(regularized && RegularizesRates))
        {
            return ops.WeightedSum(ops.SquaredError(Net.Predict(ops, parameters, rows.Features), rows.Targets), rows.Weights);
        }

        var spikes = Net.Simulate(ops, parameters, rows.Features).Spikes;
        var loss = ops.WeightedSum(Error == SpikingError.EveryStep
            ? ops.MergeLast(ops.Mean(ops.SquaredError(Net.Readout(ops, parameters, spikes), OverTime(ops, rows.Targets)), -2))
            : ops.SquaredError(Net.MeanReadout(ops, parameters, spikes), rows.Targets), rows.Weights);
        return regularized && RegularizesRates
            ? ops.Add(
                loss,
                ops.QuadraticPull(Rates(ops, MeanSpikes(ops, spikes), rows.Weights), ops.Scalar(RateTarget), ops.Scalar(RateStrength)))
            : loss;
    }

    /// <summary>∂ℓ/∂yₜ of a row, before its weight: the same for every t where <paramref name="readout"/> is the mean over time.</summary>
    public V ReadoutError<V>(Ops<V> ops, V readout, V targets) => ops.Scale(ops.Subtract(readout, targets), ErrorScale);

    /// <summary>∂R/∂zₜ from the mean spikes <c>[.., rows, units]</c> of each row: the same for every t.</summary>
    public V RateSignal<V>(Ops<V> ops, V meanSpikes, V weights)
    {
        var excess = ops.Shift(Rates(ops, meanSpikes, weights), -RateTarget);
        return ops.MatMul(weights, ops.Scale(excess, RateStrength / Net.Dynamics.Steps));
    }

    /// <summary><c>[.., rows, time, units]</c> → <c>[.., rows, units]</c>.</summary>
    public static V MeanSpikes<V>(Ops<V> ops, V spikes) => ops.MergeRows(ops.Mean(spikes, -2));

    /// <summary>Something of each row, <c>[.., rows, n]</c>, for every time step: <c>[.., rows, 1, n]</c>.</summary>
    public static V OverTime<V>(Ops<V> ops, V values) => ops.SplitLast(values, ops.Length(values, -1));

    private static V Rates<V>(Ops<V> ops, V meanSpikes, V weights) => ops.MatMul(ops.Transpose(weights), meanSpikes);
}
