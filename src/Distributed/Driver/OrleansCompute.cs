using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Distributed.Errors;
using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Driver;

/// <summary>See <see cref="OrleansExtensions"/>.</summary>
internal sealed record OrleansCompute : Compute
{
    private readonly IClusterClient _client;
    private readonly OrleansOptions _options;

    // Which partitions the tasks of a step fall into must not change what is added to what: every task is computed by itself.
    public OrleansCompute(IClusterClient client, OrleansOptions options)
        : base(threads: null, tasksPerShard: 1) => (_client, _options) = (client, options);

    internal override void Serve(MetaTrainingOptions options)
    {
        if (options is not InnerLoopOptions)
        {
            throw ClusterThrow.CannotServe(options.Describe().Split(',')[0], "use another Compute");
        }

        if (options.SourceOfTasks is not TaskColumn)
        {
            throw ClusterThrow.CannotServe("episodes of classes", "set Tasks to new TaskColumn(…)");
        }

        if (options.GradientRule is not ContrastiveSettings { Strength: not null })
        {
            throw ClusterThrow.CannotServe(
                $"the rule '{options.GradientRule.Name}' without a given strength",
                "set Rule to MetaGradientRule.Contrastive(strength: 0.1)");
        }
    }

    internal override IDisposable? Begin() => null;

    internal override void Check()
    {
    }

    internal override TrainingTasks Read(
        IDataView input, TaskColumns columns, MetaTrainingOptions options, int seed, IChannel channel) =>
        ClusterTasks.Read(new PartitionClient(_client, _options, options.CancellationToken), columns, options, seed, channel);

    internal override IContributor OpenEngine(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes) =>
        throw new NotSupportedException("The tasks are in the cluster.");
}
