namespace MLNetMeta.Distributed.Grains;

/// <summary>A partition of the tasks, in the memory of one silo. The key is <c>partition/replica</c>.</summary>
[Alias("MLNetMeta.IPartitionGrain")]
internal interface IPartitionGrain : IGrainWithStringKey, IPartition;
