namespace MLNetMeta.Distributed.Grains;

/// <summary>A task that was drawn for a step.</summary>
/// <param name="Number">Its number within the step: what its generator follows from.</param>
/// <param name="Task">Its number within the partition.</param>
[GenerateSerializer]
[Alias("MLNetMeta.DrawnTask")]
internal readonly record struct DrawnTask(int Number, int Task);
