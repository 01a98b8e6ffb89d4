using System.Globalization;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace MLNetMeta.Distributed.Grains;

/// <summary>See <see cref="PartitionPlacement"/>.</summary>
internal sealed class PartitionPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString()!.Split('/');
        var place = int.Parse(key[0], CultureInfo.InvariantCulture) + int.Parse(key[1], CultureInfo.InvariantCulture);
        SiloAddress[] silos = [.. context.GetCompatibleSilos(target).Order()];
        return Task.FromResult(silos[place % silos.Length]);
    }
}
