namespace MLNetMeta.Trainers.Operators;

/// <summary>Numbers in managed memory with their shape.</summary>
/// <param name="Values">Row-major.</param>
/// <param name="Shape">Lengths of the axes.</param>
internal readonly record struct HostTensor(float[] Values, long[] Shape);
