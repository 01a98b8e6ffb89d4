using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>See <see cref="Compute.OnnxRuntime"/>.</summary>
internal sealed record OnnxCompute : Compute
{
    public OnnxCompute(ExecutionProvider provider, int? threads, int tasksPerShard)
    {
        ShardCheck.Arguments(threads, tasksPerShard);
        (Provider, Threads, TasksPerShard) = (provider, threads, tasksPerShard);
    }

    public ExecutionProvider Provider { get; }

    public int? Threads { get; }

    public int TasksPerShard { get; }

    internal override void Serve(MetaTrainingOptions options)
    {
        if (options is not InnerLoopOptions)
        {
            throw TrainerThrow.EngineCannotServe(options.Describe().Split(',')[0], "use Compute.Torch()");
        }

        if (options.GradientRule is not ContrastiveSettings contrastive)
        {
            throw TrainerThrow.EngineCannotServe($"the rule '{options.GradientRule.Name}'", "use Contrastive, or Compute.Torch()");
        }

        if (contrastive.Strength is null)
        {
            throw TrainerThrow.EngineCannotServe(
                "a strength that is yet to be advised, which takes double precision",
                "set Rule to MetaGradientRule.Contrastive(strength: 0.1), or use Compute.Torch()");
        }
    }

    internal override IDisposable? Begin() => null;

    // Checkpoints go from one engine to the other: what differs is rounding.
    internal override string Describe() => FormattableString.Invariant($"shards of {TasksPerShard}");

    internal override void Check() => OnnxRuntimeLibrary.EnsureLoaded();

    internal override IContributor Open(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes) => new ShardedContributor(
        new OnnxEngine(learner, (ContrastiveSettings)rule, free, episodes, Provider), TasksPerShard, Threads ?? Environment.ProcessorCount);
}
