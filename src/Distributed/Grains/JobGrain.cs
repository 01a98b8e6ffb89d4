namespace MLNetMeta.Distributed.Grains;

/// <summary>See <see cref="IJobGrain"/>.</summary>
internal sealed class JobGrain : Grain, IJobGrain
{
    private readonly Job _job = new();

    public Task SetDefinition(JobDefinition definition) => _job.SetDefinition(definition);

    public Task<bool> SetBlob(long version, byte[] blob) => _job.SetBlob(version, blob);

    public Task<JobDefinition?> Definition() => _job.Definition();

    public Task<byte[]?> Blob(long version) => _job.Blob(version);
}
