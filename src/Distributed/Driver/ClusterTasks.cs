using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Distributed.Grains;
using MLNetMeta.Trainers;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;

namespace MLNetMeta.Distributed.Driver;

/// <summary>Tasks whose rows are in a cluster: this process knows their names, and how many rows they have.</summary>
/// <param name="Learner">The learner that fits the rows.</param>
/// <param name="Shape">What the rows have in common.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Features">Standardisation of the features.</param>
/// <param name="Targets">Standardisation of the targets; null for classes.</param>
/// <param name="Partitions">All partitions.</param>
/// <param name="Job">How rows are scaled and drawn; without graphs.</param>
/// <param name="Training">Tasks to train on.</param>
/// <param name="Validation">Tasks to validate on.</param>
/// <param name="Description">What tells the rows apart from others.</param>
internal sealed record ClusterTasks(
    ILearner Learner, TaskShape Shape, int Seed, Standardization Features, Standardization? Targets, IPartitions Partitions,
    JobDefinition Job, TaskDraw Training, TaskDraw Validation, ImmutableArray<KeyValuePair<string, string>> Description)
    : TrainingTasks(Learner, Shape, Seed, Features, Targets)
{
    /// <summary>Asks all partitions what they have.</summary>
    /// <exception cref="InvalidOperationException">A partition cannot be read, or does not fit the others; the tasks are too few; the
    /// cluster is lost.</exception>
    public static ClusterTasks Read(
        IPartitions partitions, int tasksPerRequest, TaskColumns columns, MetaTrainingOptions options, int seed, IChannel channel)
    {
        var names = new ColumnNames(
            columns.IsClassification, columns.Label, columns.Features, columns.Task!, columns.MayMissTargets, columns.Weight);
        var all = ClusterFacts.Of(Ask(partitions, names).GetAwaiter().GetResult(), columns);
        if (all.LeftOut.Length > 0)
        {
            channel.Warning(MessageSensitivity.None, "{0}", TrainerThrow.LeftOut(all.LeftOut, all.Tasks.Length, columns.Task));
        }

        var (training, validation) = TaskSplit.OfTasks(all.Tasks.Length, options.Training.ValidationFraction, new Random(seed));
        channel.Info(
            MessageSensitivity.None, "{0} rows of {1} features in {2} partitions; {3}", all.Rows, all.Shape.FeatureCount, all.Partitions,
            TaskSplit.Describe(training.Length, validation.Length));
        var (features, targets) = (
            options.Scale(all.Features), columns.IsClassification ? null : options.Scale(all.Targets));
        var source = (TaskColumn)options.SourceOfTasks;
        var support = source.Support(columns.IsClassification);
        var job = new JobDefinition
        {
            Id = Guid.NewGuid(),
            Rows = Guid.NewGuid(),
            Columns = names,
            ClassNames = [.. all.Shape.ClassNames],
            FeatureMeans = features.Mean,
            FeatureScales = features.Scale,
            TargetMeans = targets?.Mean ?? [],
            TargetScales = targets?.Scale ?? [],
            Seed = seed,
            FewestSupportRows = support.Rows.Minimum,
            MostSupportRows = support.Rows.Maximum,
            SupportOfEachClass = support.OfEachClass,
            QueryRows = source.QueryRows,
        };
        return new ClusterTasks(
            options.CreateLearner(all.Shape, seed), all.Shape, seed, features, targets, partitions, job,
            Draw(training), Draw(validation), all.Describe());

        TaskDraw Draw(int[] tasks) => new(Array.ConvertAll(tasks, task => all.Tasks[task]), all.Partitions, tasksPerRequest);
    }

    public override void Dispose() => Partitions.Dispose();

    public override IContributor Open(MetaTrainingOptions options, MetaGradientRule rule) => new ClusterContributor(
        Partitions, Job.With(MetaTrainingProgram.Of(Learner, (ContrastiveSettings)rule, options.FreePhase)), Training, Validation);

    public override IEnumerable<KeyValuePair<string, string>> DescribeRows(CancellationToken cancellation) => Description;

    protected override IEnumerable<CalibrationCase> CalibrationCases(
        MLContext context, byte[] file, TaskRange tasks, CancellationToken cancellation) =>
        Measure(file, tasks).Select(answer => answer.ToCalibration());

    protected override IEnumerable<IntervalCase> IntervalCases(
        MLContext context, byte[] file, TaskRange tasks, CancellationToken cancellation) =>
        Measure(file, tasks).Select(answer => answer.ToInterval());

    private CertaintyAnswer[] Measure(byte[] file, TaskRange tasks)
    {
        using var contributor = new ClusterContributor(Partitions, Job, Training, Validation);
        return contributor.Measure(file, tasks);
    }

    private static async Task<PartitionFacts[]> Ask(IPartitions partitions, ColumnNames names)
    {
        var count = await partitions.Ask(0, of => of.Partitions());
        return await Task.WhenAll(
            Enumerable.Range(0, count).Select(partition => partitions.Ask(partition, of => of.Describe(names))));
    }
}
