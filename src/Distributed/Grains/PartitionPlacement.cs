using Orleans.Runtime;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Partitions go round the silos in turn, and each replica to the silo after the last.</summary>
[Serializable]
[GenerateSerializer]
[Immutable]
[Alias("MLNetMeta.PartitionPlacement")]
internal sealed class PartitionPlacement : PlacementStrategy;
