namespace MLNetMeta.Trainers.Training;

/// <summary>Whoever follows a meta-training.</summary>
internal interface ITrainingLog
{
    /// <summary>A validation was done.</summary>
    void Report(MetaTrainingProgress progress);

    /// <summary>Something happened that is worth knowing.</summary>
    void Inform(string message);

    /// <summary>Something went wrong that the training survives.</summary>
    void Warn(string message);
}
