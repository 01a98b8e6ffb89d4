namespace MLNetMeta.Trainers;

/// <summary>How a spiking network learns a task.</summary>
public enum SpikingRule
{
    /// <summary>
    /// e-prop (Bellec et al., 2020), with the sums over time rearranged: the same gradient as <see cref="OnlineEProp"/>, many times faster.
    /// </summary>
    EProp,

    /// <summary>
    /// e-prop as a synapse would do it: eligibility traces carried forward step by step, nothing else remembered of the past. For study: a
    /// trace for every synapse and row.
    /// </summary>
    OnlineEProp,

    /// <summary>Backpropagation through time with the same pseudo-derivative: the reference.</summary>
    BackpropagationThroughTime,
}
