namespace MLNetMeta.Distributed.Grains;

/// <summary>Tasks of one partition that were drawn for a step one after the other, and are computed together.</summary>
/// <param name="First">Number, within the step, of the first: what the tasks' generators follow from.</param>
/// <param name="PickedAmong">Number of tasks that each was picked among.</param>
/// <param name="Tasks">Their numbers within the partition.</param>
[GenerateSerializer]
[Alias("MLNetMeta.TaskBlock")]
internal sealed record TaskBlock(int First, int PickedAmong, int[] Tasks);
