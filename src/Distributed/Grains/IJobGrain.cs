namespace MLNetMeta.Distributed.Grains;

/// <summary>Holds what all silos need of a job: each fetches it once, whatever number of partitions it has. The key is the job.</summary>
[Alias("MLNetMeta.IJobGrain")]
internal interface IJobGrain : IGrainWithGuidKey
{
    [Alias("SetDefinition")]
    Task SetDefinition(JobDefinition definition);

    /// <summary>Replaces θ, or the learner file, by another version.</summary>
    /// <returns>Whether the definition is known too.</returns>
    [Alias("SetBlob")]
    Task<bool> SetBlob(long version, byte[] blob);

    /// <summary>Null where it is not known: its silo was lost.</summary>
    [Alias("Definition")]
    Task<JobDefinition?> Definition();

    /// <summary>Null where it is another version.</summary>
    [Alias("Blob")]
    Task<byte[]?> Blob(long version);
}
