namespace MLNetMeta.Trainers;

/// <summary>Which parameters of a complex synapse's network learn a task; the others are slow, shared by all tasks.</summary>
public enum FastParameters
{
    /// <summary>All weights and biases.</summary>
    All,

    /// <summary>The readout only: almost no inner loop (ANIL, Raghu et al., 2020).</summary>
    Head,

    /// <summary>
    /// Everything but the readout: body only update in inner loop (BOIL, Oh et al., 2021).
    /// Needs the same classes in every task, or regression.
    /// </summary>
    Body,
}
