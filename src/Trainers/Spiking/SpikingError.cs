namespace MLNetMeta.Trainers;

/// <summary>How the readout of a spiking network is compared with the target.</summary>
public enum SpikingError
{
    /// <summary>At every time step: L = mean over t of (yₜ − y*)², as in the paper. The error is known at each step.</summary>
    EveryStep,

    /// <summary>At the end: L = (mean over t of yₜ − y*)². This is the error of the prediction.</summary>
    TimeAverage,
}
