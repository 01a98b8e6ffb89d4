namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>A batch of tasks through the seam, as a training goes: in shards of two tasks on several threads.</summary>
internal static class Sharded
{
    public static Contribution Contribute(
        IMetaGradientRule rule, ILearner learner, Parameters theta, EpisodeBatch batch, int workers, CancellationToken cancellation = default)
    {
        using var engine = new TorchEngine(learner, rule, new Phase(Optimizer.Sgd(0.01), 1), new FixedEpisodes(batch));
        return new ShardedContributor(engine, tasksPerShard: 2, workers).Contribute(theta, TaskRange.Training(0, batch.Tasks), cancellation);
    }
}
