using MLNetMeta.Distributed;

namespace MLNetMeta.Samples;

/// <summary>Where a silo reads partitions from, and the resources it may use.</summary>
internal sealed record RowSettings
{
    /// <summary>Folder of the partitions: Parquet files, or otherwise CSV files.</summary>
    public string Folder { get; init; } = "partitions";

    /// <summary>The task column.</summary>
    public string Task { get; init; } = "Task";

    /// <summary>The label column.</summary>
    public string Label { get; init; } = "Label";

    /// <summary>Whether labels are classes.</summary>
    public bool IsClassification { get; init; }

    /// <summary>The column of weights; null if all rows have the same weight.</summary>
    public string? Weight { get; init; }

    /// <summary>Number of tasks computed at the same time; null for one per processor.</summary>
    public int? Threads { get; init; }

    /// <summary>Maximum size of the rows in memory, in megabytes; null for no limit.</summary>
    public int? MemoryMegabytes { get; init; }

    /// <summary>The files of the folder.</summary>
    public IPartitionSource ToSource() => Directory.Exists(Folder) && Directory.EnumerateFiles(Folder, "*.parquet").Any()
        ? new ParquetPartitions(Folder, Task, Label, IsClassification, Weight)
        : new CsvPartitions(Folder, Task, Label, IsClassification, Weight);

    /// <summary>The resources that the silo may use.</summary>
    public MetaLearningSiloOptions ToOptions() => new() { Threads = Threads, MemoryLimit = MemoryMegabytes * 1_000_000L };
}
