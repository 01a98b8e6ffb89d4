using MLNetMeta.Distributed.Grains;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Driver;

/// <summary>Draws tasks in blocks of one partition, which computes them together.</summary>
/// <remarks>
/// Every task is drawn with the same probability. The partitions of a step are a systematic sample: at even distances along all tasks,
/// from a random start. So they spread evenly over silos, of which each has neighbouring partitions. The tasks of a block are drawn at
/// random within its partition. Blocks of one task are drawn as tasks are that are not partitioned at all.
/// </remarks>
internal sealed class TaskDraw
{
    // Partitions are not picked by the generators of tasks: they would pick alike.
    private const int PartitionStream = 0x5DEECE66;

    private readonly ClusterTask[] _tasks;
    private readonly int[] _partitionOf;
    private readonly Dictionary<int, int[]> _ofPartition;

    /// <param name="tasks">The tasks to draw from.</param>
    /// <param name="partitions">Number of partitions.</param>
    /// <param name="tasksPerBlock">Most tasks of a block; never more than a partition has on average.</param>
    public TaskDraw(ClusterTask[] tasks, int partitions, int tasksPerBlock)
    {
        _tasks = tasks;
        _partitionOf = [.. tasks.Select(task => task.Partition).Order()];
        _ofPartition = tasks.GroupBy(task => task.Partition, task => task.Number).ToDictionary(of => of.Key, of => of.ToArray());
        BlockSize = Math.Clamp(tasks.Length / partitions, 1, tasksPerBlock);
    }

    /// <summary>Tasks of a block.</summary>
    public int BlockSize { get; }

    /// <summary>The blocks of a step, in the order of their tasks.</summary>
    public IEnumerable<(int Partition, TaskBlock Block)> Draw(int seed, TaskRange tasks)
    {
        var end = tasks.First + tasks.Count;
        var blocks = (tasks.Count + BlockSize - 1) / BlockSize;
        var start = tasks.Generator(seed ^ PartitionStream, tasks.First).NextDouble();
        for (var first = tasks.First; first < end; first += BlockSize)
        {
            if (BlockSize == 1)
            {
                var task = _tasks[Pick(_tasks.Length, first)];
                yield return (task.Partition, new TaskBlock(first, _tasks.Length, [task.Number]));
                continue;
            }

            var along = (start + ((first - tasks.First) / BlockSize)) / blocks;
            var partition = _partitionOf[Math.Min((int)(along * _partitionOf.Length), _partitionOf.Length - 1)];
            var members = _ofPartition[partition];
            yield return (partition, new TaskBlock(
                first, members.Length,
                [.. Enumerable.Range(first, Math.Min(BlockSize, end - first)).Select(number => members[Pick(members.Length, number)])]));
        }

        int Pick(int count, int number) => TaskSource.Pick(count, tasks.Generator(seed, number));
    }
}
