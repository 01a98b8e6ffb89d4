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
    public OnnxCompute(ExecutionProvider provider, int? threads, int? tasksPerShard)
        : base(threads, tasksPerShard ?? (provider == ExecutionProvider.Cpu ? ShardOfProcessor : ShardOfAccelerator)) =>
        Provider = provider;

    public ExecutionProvider Provider { get; }

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
                "a strength to be advised, which needs double precision",
                "set Rule to MetaGradientRule.Contrastive(strength: 0.1), or use Compute.Torch()");
        }
    }

    internal override IDisposable? Begin() => null;

    internal override void Check() => OnnxRuntimeLibrary.EnsureLoaded();

    internal override IContributor OpenEngine(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes) =>
        new OnnxEngine(learner, (ContrastiveSettings)rule, free, episodes, Provider);
}
