namespace MLNetMeta.Distributed.Grains;

/// <summary>What the driver knows of a partition: names and numbers of its tasks, and no row.</summary>
[GenerateSerializer]
[Alias("MLNetMeta.PartitionFacts")]
internal sealed record PartitionFacts
{
    /// <summary>Version of this library on the silo.</summary>
    [Id(0)]
    public required string Version { get; init; }

    [Id(1)]
    public required int FeatureCount { get; init; }

    [Id(2)]
    public required int OutputCount { get; init; }

    [Id(3)]
    public required bool IsBinary { get; init; }

    /// <summary>Names of the classes of the label column; empty for numbers.</summary>
    [Id(4)]
    public required string[] ClassNames { get; init; }

    /// <summary>Tasks in the order of their first rows.</summary>
    [Id(5)]
    public required string[] TaskNames { get; init; }

    /// <summary>Rows of each task.</summary>
    [Id(6)]
    public required int[] TaskRows { get; init; }

    [Id(7)]
    public required ColumnSums[] Features { get; init; }

    /// <summary>Empty for classes.</summary>
    [Id(8)]
    public required ColumnSums[] Targets { get; init; }
}
