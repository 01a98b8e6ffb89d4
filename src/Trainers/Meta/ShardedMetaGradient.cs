using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Meta;

/// <summary>Splits a meta-batch into shards of tasks, estimates each shard's meta-gradient on a worker thread and averages them over tasks.</summary>
/// <remarks>
/// Shards have a fixed size and are summed in a fixed order, so the result does not depend on the number of workers. Each
/// worker keeps libtorch to one thread: tasks are what is parallel.
/// </remarks>
internal sealed class ShardedMetaGradient(IMetaGradientRule rule, int tasksPerShard, int workers)
{
    /// <summary>The mean over the tasks of the batch.</summary>
    public MetaGradient Estimate(ILearner learner, Parameters theta, EpisodeBatch batch, CancellationToken cancellation = default)
    {
        var shards = (batch.Tasks + tasksPerShard - 1) / tasksPerShard;
        var parts = new MetaGradient?[shards];
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Min(workers, shards), CancellationToken = cancellation };
            Parallel.For(0, shards, options, s =>
            {
                using var one = OneTorchThread.Begin();
                var start = s * tasksPerShard;
                using var shard = batch.Slice(start, Math.Min(tasksPerShard, batch.Tasks - start));
                parts[s] = rule.Estimate(learner, theta, shard, cancellation);
            });
            return Mean(parts!, batch.Tasks);
        }
        catch (AggregateException failure)
        {
            // One shard's message is the caller's message; the others say the same.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure.InnerExceptions[0]);
            throw;
        }
        finally
        {
            foreach (var part in parts)
            {
                part?.Dispose();
            }
        }
    }

    private static MetaGradient Mean(MetaGradient[] parts, int tasks)
    {
        var sum = parts[0].Gradient.Clone();
        for (var s = 1; s < parts.Length; s++)
        {
            using var previous = sum;
            sum = previous.Add(parts[s].Gradient);
        }

        using (sum)
        {
            return new MetaGradient(
                sum.Scale(1.0 / tasks), parts.Sum(p => p.EvaluationLoss) / tasks, parts.Max(p => p.FreeResidual), parts.Max(p => p.NudgedResidual));
        }
    }
}
