using Microsoft.ML;

namespace MLNetMeta.Distributed;

/// <summary>Provides the tasks of each partition to a silo.</summary>
/// <remarks>
/// All rows of a task must be in one partition. All partitions must have the same columns: the label, feature and task columns of the
/// trainer, and the weight column if rows have weights. Class labels are texts, keys with text names, or Booleans. A partition is read
/// again whenever it moves to another silo. Its rows must then be the same.
/// </remarks>
public interface IPartitionSource
{
    /// <summary>Number of partitions, at least 1; the same on all silos.</summary>
    int Partitions { get; }

    /// <summary>Opens the rows of a partition. They are read once or twice, on any thread.</summary>
    /// <param name="context">The context that creates data views.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="cancellation">Stops the reading.</param>
    IDataView Read(MLContext context, int partition, CancellationToken cancellation);
}
