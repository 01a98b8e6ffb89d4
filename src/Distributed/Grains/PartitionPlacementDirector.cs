using System.Globalization;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace MLNetMeta.Distributed.Grains;

/// <summary>See <see cref="PartitionPlacement"/>.</summary>
internal sealed class PartitionPlacementDirector(IPartitionSource source) : IPlacementDirector
{
    /// <summary>Which of the silos a replica of a partition belongs to.</summary>
    public static int Place(int partition, int replica, int partitions, int silos) =>
        (int)((((long)partition * silos / partitions) + replica) % silos);

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString()!.Split('/');
        var (partition, replica) = (int.Parse(key[0], CultureInfo.InvariantCulture), int.Parse(key[1], CultureInfo.InvariantCulture));
        SiloAddress[] silos = [.. context.GetCompatibleSilos(target).Order()];
        return Task.FromResult(silos[Place(partition, replica, source.Partitions, silos.Length)]);
    }
}
