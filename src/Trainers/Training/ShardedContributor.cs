using System.Runtime.ExceptionServices;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Training;

/// <summary>Splits tasks into shards, has them computed by another contributor on several threads, and sums.</summary>
/// <remarks>Shards have a fixed size and are summed in a fixed order, so the result does not depend on the number of workers.</remarks>
/// <param name="each">Computes a shard; called by several threads at once. Owned.</param>
/// <param name="tasksPerShard">Tasks of a shard, at least 1.</param>
/// <param name="workers">Most threads, at least 1.</param>
internal sealed class ShardedContributor(IContributor each, int tasksPerShard, int workers) : IContributor
{
    public Contribution Contribute(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var shards = tasks.Shards(tasksPerShard);
        var parts = new Contribution[shards.Length];
        ForEach(shards.Length, s => parts[s] = each.Contribute(theta, shards[s], cancellation), cancellation);
        return Contribution.Sum(parts);
    }

    public Validation Validate(float[] theta, TaskRange tasks, CancellationToken cancellation = default)
    {
        var shards = tasks.Shards(tasksPerShard);
        var parts = new Validation[shards.Length];
        ForEach(shards.Length, s => parts[s] = each.Validate(theta, shards[s], cancellation), cancellation);
        return Validation.Sum(parts);
    }

    public void Dispose() => each.Dispose();

    private void ForEach(int shards, Action<int> compute, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(
                0, shards, new ParallelOptions { MaxDegreeOfParallelism = Math.Min(workers, shards), CancellationToken = cancellation },
                compute);
        }
        catch (AggregateException failure)
        {
            // One shard's message is the caller's message; the others say the same.
            ExceptionDispatchInfo.Throw(failure.InnerExceptions[0]);
        }
    }
}
