using MLNetMeta.Distributed;

namespace MLNetMeta.Samples;

/// <summary>Where a silo reads partitions from, and what it may use.</summary>
internal sealed record RowSettings
{
    /// <summary>Folder of the partitions: Parquet files, or else CSV files.</summary>
    public string Folder { get; init; } = "partitions";

    /// <summary>The task column.</summary>
    public string Task { get; init; } = "Task";

    /// <summary>The label column.</summary>
    public string Label { get; init; } = "Label";

    /// <summary>Whether labels are classes.</summary>
    public bool IsClassification { get; init; }

    /// <summary>The column of weights; null where rows weigh the same.</summary>
    public string? Weight { get; init; }

    /// <summary>Tasks at a time; null for one per processor.</summary>
    public int? Threads { get; init; }

    /// <summary>Megabytes of rows in memory; null for no limit.</summary>
    public int? MemoryMegabytes { get; init; }

    /// <summary>The files of the folder.</summary>
    public IPartitionSource ToSource() => Directory.Exists(Folder) && Directory.EnumerateFiles(Folder, "*.parquet").Any()
        ? new ParquetPartitions(Folder, Task, Label, IsClassification, Weight)
        : new CsvPartitions(Folder, Task, Label, IsClassification, Weight);

    /// <summary>What the silo may use.</summary>
    public MetaLearningSiloOptions ToOptions() => new() { Threads = Threads, MemoryLimit = MemoryMegabytes * 1_000_000L };
}
