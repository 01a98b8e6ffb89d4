namespace MLNetMeta.Distributed.Grains;

/// <summary>A partition of the tasks, in the memory of one silo. The key is <c>partition/replica</c>.</summary>
[Alias("MLNetMeta.IPartitionGrain")]
internal interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Number of partitions of the silos' source.</summary>
    [Alias("Partitions")]
    Task<int> Partitions();

    /// <summary>The columns of the source.</summary>
    [Alias("Columns")]
    [ResponseTimeout("00:10:00")]
    Task<SourceColumn[]> Columns();

    /// <summary>Reads the rows.</summary>
    [Alias("Describe")]
    [ResponseTimeout("00:10:00")]
    Task<PartitionFacts> Describe(ColumnNames columns);

    /// <summary>What tasks add to a step, or come to in a validation. Null where the silo does not know the job or this θ.</summary>
    [Alias("Compute")]
    [ResponseTimeout("00:10:00")]
    Task<TaskAnswer[]?> Compute(PartitionRequest request, bool withGradient);

    /// <summary>What the learner file of a version makes of validation tasks. Null where the silo does not know it.</summary>
    [Alias("Measure")]
    [ResponseTimeout("00:10:00")]
    Task<CertaintyAnswer[]?> Measure(PartitionRequest request);
}
