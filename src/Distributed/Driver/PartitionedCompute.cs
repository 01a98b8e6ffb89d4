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

/// <summary>Computes with partitions of the tasks, here or in a cluster. See <see cref="OrleansExtensions"/>.</summary>
internal sealed record PartitionedCompute : Compute
{
    private readonly Func<CancellationToken, IPartitions> _open;

    /// <param name="open">Reaches the partitions, for one Fit.</param>
    /// <param name="tasksPerRequest">Tasks that are drawn from one partition and computed together.</param>
    public PartitionedCompute(Func<CancellationToken, IPartitions> open, int tasksPerRequest)
        : base(threads: null, tasksPerRequest) => _open = open;

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

        if (options.Training.Augmentation is not null)
        {
            throw ClusterThrow.CannotServe("an augmentation of images", "set Training.Augmentation to null");
        }
    }

    internal override IDisposable? Begin() => null;

    internal override void Check()
    {
    }

    internal override TrainingTasks Read(
        IDataView input, TaskColumns columns, MetaTrainingOptions options, int seed, IChannel channel) =>
        ClusterTasks.Read(_open(options.CancellationToken), TasksPerShard, columns, options, seed, channel);

    internal override IContributor OpenEngine(ILearner learner, MetaGradientRule rule, Phase free, IEpisodes episodes) =>
        throw new NotSupportedException("The tasks are in partitions.");
}
