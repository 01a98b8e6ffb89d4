using Orleans.Runtime;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Each silo has neighbouring partitions; each replica of a partition goes to the silo after the last.</summary>
[Serializable]
[GenerateSerializer]
[Immutable]
[Alias("MLNetMeta.PartitionPlacement")]
internal sealed class PartitionPlacement : PlacementStrategy;
