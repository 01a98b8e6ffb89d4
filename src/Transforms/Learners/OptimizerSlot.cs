namespace MLNetMeta.Transforms.Learners;

/// <summary>A value that a meta-optimiser remembers from step to step.</summary>
/// <param name="Length">Numbers in it; null for a single one, of rank 0.</param>
/// <param name="Initial">What each of them is before the first step.</param>
internal sealed record OptimizerSlot(int? Length, float Initial);
