using System.Collections.Concurrent;
using Microsoft.ML;
using MLNetMeta.Testing;

namespace MLNetMeta.Distributed.Tests;

/// <summary>Partitions of tasks in memory, which can be made to fail.</summary>
internal sealed class TaskPartitions(params ManyTasks.Row[][] partitions) : IPartitionSource
{
    private readonly ConcurrentDictionary<int, int> _reads = [];

    /// <summary>Called before a partition is read, with its number and how often it was read before.</summary>
    public Action<int, int> OnRead { get; set; } = (_, _) => { };

    /// <summary>How often partitions were read.</summary>
    public int Reads => _reads.Values.Sum(reads => reads + 1);

    public int Partitions => partitions.Length;

    /// <summary>Tasks, cut into as many partitions.</summary>
    public static TaskPartitions Of(int partitions, int tasks = 12, int rows = 12, int seed = 1) => new(
    [
        .. ManyTasks.Sinusoids(tasks, rows, seed).GroupBy(row => row.Task).Index()
            .GroupBy(task => task.Index * partitions / tasks, task => task.Item)
            .Select(ofPartition => ofPartition.SelectMany(task => task).ToArray()),
    ]);

    /// <summary>The rows of all partitions, one after the other.</summary>
    public ManyTasks.Row[] All => [.. partitions.SelectMany(rows => rows)];

    public IDataView Read(MLContext context, int partition, CancellationToken cancellation)
    {
        OnRead(partition, _reads.AddOrUpdate(partition, 0, (_, reads) => reads + 1));
        return ManyTasks.View(context, partitions[partition]);
    }
}
