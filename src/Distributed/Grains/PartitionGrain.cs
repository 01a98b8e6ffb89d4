using System.Globalization;

namespace MLNetMeta.Distributed.Grains;

/// <summary>See <see cref="IPartitionGrain"/>.</summary>
[PartitionPlacement]
internal sealed class PartitionGrain(IPartitionSource source, SiloJobs jobs, SiloWorkers workers, PartitionMemory memory)
    : Grain, IPartitionGrain
{
    private Partition? _partition;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var number = int.Parse(this.GetPrimaryKeyString().Split('/')[0], CultureInfo.InvariantCulture);
        _partition = new Partition(number, source, jobs, workers, memory);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _partition?.Leave();
        return Task.CompletedTask;
    }

    public Task<int> Partitions() => _partition!.Partitions();

    public Task<SourceColumn[]> Columns() => _partition!.Columns();

    public Task<PartitionFacts> Describe(ColumnNames columns) => _partition!.Describe(columns);

    public Task<BlockAnswer[]?> Compute(PartitionRequest request, bool withGradient) => _partition!.Compute(request, withGradient);

    public Task<CertaintyAnswer[]?> Measure(PartitionRequest request) => _partition!.Measure(request);
}
