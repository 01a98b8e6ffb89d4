using Orleans.Placement;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Marks grains that are placed by <see cref="PartitionPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PartitionPlacementAttribute() : PlacementAttribute(new PartitionPlacement());
