namespace MLNetMeta.Distributed.Grains;

/// <summary>What can be asked of a partition of the tasks.</summary>
internal interface IPartition
{
    /// <summary>Number of partitions of the source.</summary>
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

    /// <summary>What blocks of tasks add to a step, or come to in a validation. Null where the job or this θ is not known.</summary>
    [Alias("Compute")]
    [ResponseTimeout("00:10:00")]
    Task<BlockAnswer[]?> Compute(PartitionRequest request, bool withGradient);

    /// <summary>What the learner file of a version makes of validation tasks. Null where it is not known.</summary>
    [Alias("Measure")]
    [ResponseTimeout("00:10:00")]
    Task<CertaintyAnswer[]?> Measure(PartitionRequest request);
}
