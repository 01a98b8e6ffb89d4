namespace MLNetMeta.Distributed.Grains;

/// <summary>See <see cref="IJobGrain"/>. In memory only: the driver has everything, and says it again where a silo was lost.</summary>
internal sealed class JobGrain : Grain, IJobGrain
{
    private JobDefinition? _definition;
    private (long Version, byte[] Bytes)? _blob;

    public Task SetDefinition(JobDefinition definition)
    {
        _definition = definition;
        return Task.CompletedTask;
    }

    public Task<bool> SetBlob(long version, byte[] blob)
    {
        _blob = (version, blob);
        return Task.FromResult(_definition is not null);
    }

    public Task<JobDefinition?> Definition() => Task.FromResult(_definition);

    public Task<byte[]?> Blob(long version) => Task.FromResult(_blob?.Version == version ? _blob?.Bytes : null);
}
