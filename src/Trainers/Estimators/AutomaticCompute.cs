using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>See <see cref="Compute.Automatic"/>.</summary>
internal sealed record AutomaticCompute(int? MostThreads, int? Shard) : Compute(MostThreads, Shard ?? ShardOfProcessor)
{
    // Images are large: one task at a time stays in the processor's caches.
    private const int ShardOfImages = 1;

    internal override void Serve(MetaTrainingOptions options)
    {
    }

    internal override Compute For(MetaTrainingOptions options)
    {
        if (options is InnerLoopOptions { Network: MultilayerPerceptron or CustomNetwork }
            && options.GradientRule is ContrastiveSettings { Strength: not null })
        {
            return new OnnxCompute(ExecutionProvider.Cpu, Threads, Shard);
        }

        var isOfImages = options is InnerLoopOptions { Network: ConvolutionalNetwork }
            or PrototypicalNetworkTrainer.Options { Network: ConvolutionalNetwork };
        return new TorchCompute("cpu", Threads, Shard ?? (isOfImages ? ShardOfImages : null));
    }

    internal override IDisposable? Begin() => throw NotResolved();

    internal override void Check() => throw NotResolved();

    internal override IContributor OpenEngine(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes) =>
        throw NotResolved();

    private static InvalidOperationException NotResolved() => new($"Ask {nameof(For)} first.");
}
