namespace MLNetMeta.Distributed.Grains;

/// <summary>What everybody needs to know of a job.</summary>
internal interface IJob
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
