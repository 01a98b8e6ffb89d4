namespace MLNetMeta.Distributed.Grains;

/// <summary>Holds a job for all silos: each fetches it once, whatever number of partitions it has. The key is the job.</summary>
[Alias("MLNetMeta.IJobGrain")]
internal interface IJobGrain : IGrainWithGuidKey, IJob;
