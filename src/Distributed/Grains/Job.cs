namespace MLNetMeta.Distributed.Grains;

/// <summary>A job in memory: the driver has everything, and says it again where it was lost.</summary>
internal sealed class Job : IJob
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
