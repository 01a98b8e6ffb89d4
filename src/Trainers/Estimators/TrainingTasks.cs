using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Evaluation;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>What was read for a meta-training, and the learner for it.</summary>
/// <param name="Learner">The learner that fits the rows.</param>
/// <param name="Data">The rows, standardised.</param>
/// <param name="Split">Where training and validation episodes come from.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Features">Standardisation of the features.</param>
/// <param name="Targets">Standardisation of the targets; null for classes.</param>
internal sealed record TrainingTasks(
    ILearner Learner, TaskData Data, TaskSplit Split, int Seed, Standardization Features, Standardization? Targets)
{
    private const int EpisodesToCalibrate = 100;

    /// <summary>The tasks by their numbers.</summary>
    public DrawnEpisodes Episodes => new(Data, Split, Seed);

    /// <summary>Reads and standardises the rows, splits them, and creates the learner that fits them.</summary>
    /// <exception cref="InvalidOperationException">The rows cannot be learned from.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static TrainingTasks Read(IDataView input, TaskColumns columns, MetaTrainingOptions options, int seed, IChannel channel)
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
        var data = source.Usable(TaskDataReader.Read(input, columns, cancellation), minimumTasks: 2);
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
    public static TrainingTasks Of(TaskData data, TaskSplit split, MetaTrainingOptions options, int seed)
    {
        var (features, targets) = (options.ScaleOfFeatures(data), options.ScaleOfTargets(data));
        Standardizer.ApplyInPlace(features, data.Features, options.CancellationToken);
        if (targets is not null)
        {
            Standardizer.ApplyInPlace(targets, data.Targets, options.CancellationToken);
        }

        return new TrainingTasks(options.CreateLearner(data, seed), data, split, seed, features, targets);
    }

    /// <summary>The learner file of θ, its probabilities calibrated on the validation tasks.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public byte[] WriteLearner(MLContext context, float[] theta, MetaTrainingOptions options)
    {
        var contents = FileContents(options);
        return LearnerFileWriter.Write(Learner, theta, contents with { Calibration = Calibrate(context, theta, options, contents) });
    }

    private Calibration? Calibrate(MLContext context, float[] theta, MetaTrainingOptions options, LearnerFileContents contents)
    {
        // A temperature is a factor of the readout, which has to be what adapts; predictions of others queries change it.
        if (!Data.IsClassification || Learner.Network.IsTransductive || !Learner.Fast.Any(parameter => parameter.Name == "head.weight"))
        {
            return null;
        }

        // The rows are standardised already.
        using var learner = MLNetMeta.Transforms.Learner.Load(LearnerFileWriter.Write(
            Learner, theta, contents with { Features = Standardizer.Identity(Data.FeatureCount) }));
        var scorer = new EpisodeScorer(context, Data, hasSharedClasses: contents.Classes is not null, options.CancellationToken);
        var (calibrator, random) = (new Calibrator(), new Random(Seed + 5));
        for (var e = 0; e < EpisodesToCalibrate; e++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            var episode = Split.Validation.Draw(random);
            calibrator.Add(scorer.Adapted(learner, episode), episode.QueryClasses, episode.Support.Length);
        }

        return calibrator.Fit();
    }

    /// <summary>What the learner file says beside θ.</summary>
    private LearnerFileContents FileContents(MetaTrainingOptions options) => new(
        options.PhaseInApp, Features, Targets,
        Data.IsClassification && options.TaskColumnName is not null ? Data.ClassNames : (ImmutableArray<string>?)null);
}
