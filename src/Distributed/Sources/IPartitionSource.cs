using Microsoft.ML;

namespace MLNetMeta.Distributed;

/// <summary>Where a silo reads the tasks of a partition from.</summary>
/// <remarks>
/// All rows of a task are in one partition. All partitions have the same columns: the label and feature columns of the trainer, its task
/// column, and, where rows have weights, their column. Labels of classes are texts, keys of text names, or Booleans. A partition is read
/// again whenever it moves to another silo, and must then be the same.
/// </remarks>
public interface IPartitionSource
{
    /// <summary>Number of partitions, at least 1; the same on all silos.</summary>
    int Partitions { get; }

    /// <summary>The rows of a partition. Read once or twice, on any thread.</summary>
    /// <param name="context">Creates data views.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="cancellation">Stops the reading.</param>
    IDataView Read(MLContext context, int partition, CancellationToken cancellation);
}
