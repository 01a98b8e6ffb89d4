using MLNetMeta.Trainers.Tasks;

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

    /// <summary>What there is to know of rows.</summary>
    public static PartitionFacts Of(TaskData data)
    {
        return new PartitionFacts
        {
            Version = typeof(PartitionFacts).Assembly.GetName().Version!.ToString(),
            FeatureCount = data.FeatureCount,
            OutputCount = data.OutputCount,
            IsBinary = data.IsBinary,
            ClassNames = [.. data.ClassNames],
            TaskNames = data.GroupNames,
            TaskRows = Array.ConvertAll(data.Groups, rows => rows.Length),
            Features = Sums(data.Features, data.FeatureCount),
            Targets = data.IsClassification ? [] : Sums(data.Targets, data.OutputCount),
        };

        static ColumnSums[] Sums(float[] values, int width) => Array.ConvertAll(Standardizer.Moments(values, width), ColumnSums.Of);
    }
}
