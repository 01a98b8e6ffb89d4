namespace MLNetMeta.Trainers;

/// <summary>How a spiking network learns a task.</summary>
public enum SpikingRule
{
    /// <summary>
    /// e-prop (Bellec et al., 2020) with the sums over time rearranged. It gives the same gradient as <see cref="OnlineEProp"/> and is many
    /// times faster.
    /// </summary>
    EProp,

    /// <summary>
    /// e-prop as a synapse would compute it: eligibility traces are carried forward step by step, and nothing else is stored from the past.
    /// For study, because it needs a trace for every synapse and row.
    /// </summary>
    OnlineEProp,

    /// <summary>Backpropagation through time with the same pseudo-derivative, as the reference.</summary>
    BackpropagationThroughTime,
}
