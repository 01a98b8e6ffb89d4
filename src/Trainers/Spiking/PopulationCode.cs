namespace MLNetMeta.Trainers;

/// <summary>
/// How numbers are encoded as spikes. Each feature has a row of neurons with bell-shaped tuning curves that cover the range of the feature.
/// </summary>
/// <remarks>
/// <para>
/// A neuron with centre c spikes at each time step with probability exp(−(x − c)² / 2 width²), where x is the feature scaled to [0, 1]. The
/// randomness is drawn once: each neuron has one threshold per time step, uniform in [0, 1). The neuron spikes if its probability exceeds
/// the threshold. So the same number always gives the same spikes, and similar numbers give similar spikes. A learner file adapts and
/// predicts without a random generator.
/// </para>
/// <para>
/// The paper (section 5.4) draws again for every row. To do the same, encode the features before the trainer and set
/// <see cref="SpikingNetwork.Encoding"/> to null.
/// </para>
/// </remarks>
public sealed record PopulationCode
{
    /// <summary>
    /// Neurons for each feature, at least 2; their centres are spaced evenly from one end of the range to the other. Default 100.
    /// </summary>
    public int Neurons { get; init; } = 100;

    /// <summary>Standard deviation of a tuning curve, as a fraction of the range; above 0. Default 0.0141 (variance 0.0002).</summary>
    public double Width { get; init; } = Math.Sqrt(2e-4);

    /// <summary>
    /// Lower end of the range of every feature, below <see cref="Maximum"/>. Null (default), with a <see cref="Maximum"/> of null, for the
    /// smallest value of each feature in the meta-training rows. Meta-training refuses rows outside a given range. An adapted model clips
    /// values to the range.
    /// </summary>
    public double? Minimum { get; init; }

    /// <summary>Upper end of the range of every feature; null for the largest value of each feature in the meta-training rows.</summary>
    public double? Maximum { get; init; }
}
