namespace MLNetMeta.Trainers.Training;

/// <summary>A phase or a meta-gradient became infinite or NaN.</summary>
internal sealed class DivergenceException(string message) : InvalidOperationException(message);
