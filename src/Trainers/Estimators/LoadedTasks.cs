using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>Tasks whose rows are in this process.</summary>
/// <param name="Learner">The learner that fits the rows.</param>
/// <param name="Data">The rows, standardised.</param>
/// <param name="Split">Where training and validation episodes come from.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Features">Standardisation of the features.</param>
/// <param name="Targets">Standardisation of the targets; null for classes.</param>
/// <param name="Augmentation">Variants of the images of training tasks; null for none.</param>
internal sealed record LoadedTasks(
    ILearner Learner, TaskData Data, TaskSplit Split, int Seed, Standardization Features, Standardization? Targets,
    ImageAugmentation? Augmentation = null)
    : TrainingTasks(Learner, Data.Shape, Seed, Features, Targets)
{
    private const int ValuesBetweenCancellations = 1 << 16;

    /// <summary>The tasks by their numbers.</summary>
    public DrawnEpisodes Episodes => new(Data, Split, Seed, Augmentation);

    /// <summary>Reads and standardises the rows, splits them, and creates the learner that fits them.</summary>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static LoadedTasks Read(IDataView input, TaskColumns columns, MetaTrainingOptions options, int seed, IChannel channel)
    {
        var data = ReadRows(input, columns, options.SourceOfTasks, channel, options.CancellationToken);
        var split = options.SourceOfTasks.Split(data, options.Training.ValidationFraction, new Random(seed));
        channel.Info(MessageSensitivity.None, "{0} rows of {1} features; {2}", data.Rows, data.FeatureCount, split.Description);
        return Of(data, split, options, seed);
    }

    /// <summary>The rows of tasks that can be learned from; warns of what is odd.</summary>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TaskData ReadRows(
        IDataView input, TaskColumns columns, FewShotTasks source, IChannel channel, CancellationToken cancellation)
    {
        var data = source.Usable(TaskDataReader.Read(input, columns, cancellation), EpisodeRequirements.FewestTasks);
        if (data.LeftOut.Length > 0)
        {
            channel.Warning(MessageSensitivity.None, "{0}", TrainerThrow.LeftOut(data.LeftOut, data.Groups.Length, columns.Task));
        }

        if (columns.Task is { } taskColumn && data.IsOfOneClassEach)
        {
            channel.Warning(MessageSensitivity.None, "{0}", TrainerThrow.OneClassEach(taskColumn, columns.Label));
        }

        return data;
    }

    /// <summary>Rows standardised in place, and the learner that fits them.</summary>
    public static LoadedTasks Of(TaskData data, TaskSplit split, MetaTrainingOptions options, int seed)
    {
        options.Training.Augmentation?.CheckRows(data.FeatureCount, options.FeatureColumnName);
        var (features, targets) = (options.ScaleOfFeatures(data), options.ScaleOfTargets(data));
        Standardizer.ApplyInPlace(features, data.Features, options.CancellationToken);
        if (targets is not null)
        {
            Standardizer.ApplyInPlace(targets, data.Targets, options.CancellationToken);
        }

        var learner = options.CreateLearner(data.Shape, seed);
        return new LoadedTasks(learner, data, split, seed, features, targets, options.Training.Augmentation);
    }

    public override void Dispose()
    {
        // They are memory and nothing else.
    }

    public override IContributor Open(MetaTrainingOptions options, MetaGradientRule rule) =>
        options.Engine.Open(Learner, rule, options.FreePhase, Episodes);

    public override IEnumerable<KeyValuePair<string, string>> DescribeRows(CancellationToken cancellation)
    {
        yield return new("rows", Text(Data.Rows));
        yield return new("feature checksum", Checksum(Data.Features.Select(BitConverter.SingleToInt32Bits)));
        yield return new(
            "label checksum", Checksum(Data.IsClassification ? Data.Classes : Data.Targets.Select(BitConverter.SingleToInt32Bits)));
        yield return new("weight checksum", Checksum(Data.ExampleWeights.Select(BitConverter.SingleToInt32Bits)));
        yield return new("task checksum", Checksum(Data.Groups.SelectMany(rows => rows.Append(-1))));

        string Checksum(IEnumerable<int> values) => Text(values.Chunk(ValuesBetweenCancellations).Aggregate(17L, (sum, chunk) =>
        {
            cancellation.ThrowIfCancellationRequested();
            return chunk.Aggregate(sum, (s, value) => unchecked((s * 31) + value));
        }));

        static string Text(IConvertible value) => value.ToString(CultureInfo.InvariantCulture);
    }

    protected override IEnumerable<CalibrationCase> CalibrationCases(
        MLContext context, byte[] file, TaskRange tasks, CancellationToken cancellation) =>
        Measure(context, file, tasks, (meter, episode) => meter.OfClasses(episode), cancellation);

    protected override IEnumerable<IntervalCase> IntervalCases(
        MLContext context, byte[] file, TaskRange tasks, CancellationToken cancellation) =>
        Measure(context, file, tasks, (meter, episode) => meter.OfNumbers(episode), cancellation);

    private IEnumerable<T> Measure<T>(
        MLContext context, byte[] file, TaskRange tasks, Func<CertaintyMeter, Episode, T> measure, CancellationToken cancellation)
    {
        using var learner = MLNetMeta.Transforms.Learner.Load(file);
        var meter = new CertaintyMeter(context, Data, learner, cancellation);
        foreach (var episode in Episodes.Draw(tasks))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return measure(meter, episode);
        }
    }
}
