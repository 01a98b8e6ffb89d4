using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Distributed;

/// <summary>The resources that a silo may use for meta-training.</summary>
public sealed record MetaLearningSiloOptions
{
    private readonly int? _threads;
    private readonly long? _memoryLimit;

    /// <summary>Number of tasks that the silo computes at the same time, at least 1; null (default) for one per processor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1.</exception>
    public int? Threads
    {
        get => _threads;
        init => _threads = value is null or >= 1 ? value : throw Throw.Option(nameof(Threads), value.Value, "at least 1");
    }

    /// <summary>
    /// Bytes that the rows of partitions may take in memory; null (default) for no limit. If they would take more, the least recently used
    /// partitions are dropped, and read again when they are needed. Reading a partition takes additional memory. A partition larger than
    /// the limit makes Fit fail.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1.</exception>
    public long? MemoryLimit
    {
        get => _memoryLimit;
        init => _memoryLimit = value is null or >= 1 ? value : throw Throw.Option(nameof(MemoryLimit), value.Value, "at least 1");
    }

    internal int ActualThreads => Threads ?? Environment.ProcessorCount;
}
