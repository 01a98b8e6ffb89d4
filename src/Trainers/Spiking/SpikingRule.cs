using MLNetMeta.Trainers.Spiking;

namespace MLNetMeta.Trainers;

/// <summary>How a spiking network learns a task.</summary>
public enum SpikingRule
{
    /// <summary>e-prop (Bellec et al., 2020), with the sums over time rearranged: the same gradient as <see cref="OnlineEProp"/>, many times faster.</summary>
    EProp,

    /// <summary>e-prop as a synapse would do it: eligibility traces carried forward step by step, nothing else remembered of the past. For study: a trace for every synapse and row.</summary>
    OnlineEProp,

    /// <summary>Backpropagation through time with the same pseudo-derivative: the reference.</summary>
    BackpropagationThroughTime,
}

/// <summary>What a spiking network's readout is compared with its target for.</summary>
public enum SpikingError
{
    /// <summary>At every time step: L = mean over t of (yₜ − y*)², an error that is known at once, as in the paper.</summary>
    EveryStep,

    /// <summary>At the end: L = (mean over t of yₜ − y*)², the error of the prediction.</summary>
    TimeAverage,
}
