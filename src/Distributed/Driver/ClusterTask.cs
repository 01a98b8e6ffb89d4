namespace MLNetMeta.Distributed.Driver;

/// <summary>Where a task is.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Number">Its number within the partition.</param>
internal readonly record struct ClusterTask(int Partition, int Number);
