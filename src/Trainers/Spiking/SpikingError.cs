namespace MLNetMeta.Trainers;

/// <summary>What a spiking network's readout is compared with its target for.</summary>
public enum SpikingError
{
    /// <summary>At every time step: L = mean over t of (yₜ − y*)², an error that is known at once, as in the paper.</summary>
    EveryStep,

    /// <summary>At the end: L = (mean over t of yₜ − y*)², the error of the prediction.</summary>
    TimeAverage,
}
