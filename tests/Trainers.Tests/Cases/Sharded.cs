using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>A batch of tasks through the seam, as a training goes: in shards of two tasks on several threads.</summary>
internal static class Sharded
{
    public static Contribution Contribute(
        IMetaGradientRule rule, ILearner learner, Parameters theta, EpisodeBatch batch, int workers,
        CancellationToken cancellation = default)
    {
        // θ crosses the seam in single precision.
        using var single = batch.To(ScalarType.Float32);
        var engine = new TorchEngine(learner, rule, new Phase(Optimizer.Sgd(0.01), 1), new FixedEpisodes(single));
        using var contributor = new ShardedContributor(engine, tasksPerShard: 2, workers);
        return contributor.Contribute(theta.ToVector(), TaskRange.Training(0, batch.Tasks), cancellation);
    }
}
