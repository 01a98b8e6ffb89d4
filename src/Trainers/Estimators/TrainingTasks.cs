using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Evaluation;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

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
    private const int EpisodesForIntervals = 200;

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

    /// <summary>The learner file of θ, its probabilities calibrated, or its intervals fitted, on the validation tasks.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public byte[] WriteLearner(MLContext context, float[] theta, MetaTrainingOptions options) =>
        WriteLearner(theta, options, CertaintyOf(context, theta, options));

    /// <summary>The learner file of θ with what another θ's validation tasks say of its certainty.</summary>
    public byte[] WriteLearner(float[] theta, MetaTrainingOptions options, Certainty certainty) =>
        LearnerFileWriter.Write(Learner, theta, FileContents(options) with
        {
            Calibration = certainty.Calibration, Intervals = certainty.Intervals, Improvement = options.HowToImprove,
        });

    /// <summary>How sure the learner of θ may be, by the validation tasks.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Certainty CertaintyOf(MLContext context, float[] theta, MetaTrainingOptions options)
    {
        var contents = FileContents(options);
        return new Certainty(Calibrate(context, theta, options, contents), FitIntervals(context, theta, options, contents));
    }

    private Calibration? Calibrate(MLContext context, float[] theta, MetaTrainingOptions options, LearnerFileContents contents)
    {
        // A temperature is a factor of the readout, which has to be what adapts; predictions of others queries change it.
        if (!Data.IsClassification || Learner.Network.IsTransductive || !Learner.Fast.Any(parameter => parameter.Name == "head.weight"))
        {
            return null;
        }

        using var learner = OfStandardizedRows(theta, contents);
        var scorer = new EpisodeScorer(context, Data, hasSharedClasses: contents.Classes is not null, options.CancellationToken);
        var calibrator = new Calibrator();
        foreach (var episode in ValidationEpisodes(EpisodesToCalibrate, options.CancellationToken))
        {
            calibrator.Add(scorer.Adapted(learner, episode).Scores, episode.QueryClasses, episode.Support.Length);
        }

        return calibrator.Fit();
    }

    private Intervals? FitIntervals(MLContext context, float[] theta, MetaTrainingOptions options, LearnerFileContents contents)
    {
        if (Data.IsClassification || options.CoverageOfIntervals == 0 || Learner.Network.IsTransductive)
        {
            return null;
        }

        using var learner = OfStandardizedRows(theta, contents);
        var scorer = new EpisodeScorer(context, Data, hasSharedClasses: false, options.CancellationToken);
        var fitter = new IntervalFitter(options.CoverageOfIntervals, Data.OutputCount);
        foreach (var episode in ValidationEpisodes(EpisodesForIntervals, options.CancellationToken))
        {
            int[] rows = [.. episode.Support, .. episode.Query];
            var errors = Errors(rows, scorer.Adapted(learner, episode with { Query = rows }));
            var supportErrors = episode.Support.Length * Data.OutputCount;
            fitter.Add(
                errors[supportErrors..], Errors(episode.Query, scorer.Adapted(learner, episode, steps: 0)), episode.Support.Length,
                RootMeanSquares(errors[..supportErrors], episode.Support), Distances(episode.Query, Centre(episode.Support)),
                Distances(episode.Query, new double[Data.FeatureCount]));
        }

        return fitter.Fit();
    }

    /// <summary>Takes the rows as they are here.</summary>
    private Learner OfStandardizedRows(float[] theta, LearnerFileContents contents) =>
        MLNetMeta.Transforms.Learner.Load(LearnerFileWriter.Write(Learner, theta, contents with
        {
            Features = Standardizer.Identity(Data.FeatureCount),
            Targets = Data.IsClassification ? null : Standardizer.Identity(Data.OutputCount),
        }));

    private IEnumerable<Episode> ValidationEpisodes(int count, CancellationToken cancellation)
    {
        var random = new Random(Seed + 5);
        for (var e = 0; e < count; e++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Split.Validation.Draw(random);
        }
    }

    /// <summary>Predictions − targets, <c>[rows, outputs]</c>; NaN where a target is missing.</summary>
    private float[] Errors(int[] rows, EpisodeScores predicted) =>
        [.. rows.SelectMany(row => Data.TargetsOf(row).ToArray()).Zip(predicted.Scores, (target, score) => score - target)];

    /// <summary>Of the errors of each output that are known, by the weights of their rows.</summary>
    private double[] RootMeanSquares(float[] errors, int[] rows) => [.. Enumerable.Range(0, Data.OutputCount).Select(output =>
    {
        var known = errors.Select(
            (error, i) => (Error: error, Output: i % Data.OutputCount, Weight: Data.WeightOf(rows[i / Data.OutputCount])))
            .Where(of => of.Output == output && !float.IsNaN(of.Error)).ToArray();
        return known.Length == 0 ? 0
            : Math.Sqrt(known.Sum(of => (double)of.Error * of.Error * of.Weight) / known.Sum(of => (double)of.Weight));
    })];

    /// <summary>The mean of rows.</summary>
    private double[] Centre(int[] rows) =>
        [.. Enumerable.Range(0, Data.FeatureCount).Select(i => rows.Average(row => (double)Data.FeaturesOf(row)[i]))];

    /// <summary>Root mean square over features, of rows to a point.</summary>
    private double[] Distances(int[] rows, double[] from) => Array.ConvertAll(
        rows, row => Math.Sqrt(from.Select((mean, i) => Math.Pow(Data.FeaturesOf(row)[i] - mean, 2)).Average()));

    /// <summary>What the learner file says beside θ.</summary>
    private LearnerFileContents FileContents(MetaTrainingOptions options) => new(
        options.PhaseInApp, Features, Targets,
        Data.IsClassification && options.TaskColumnName is not null ? Data.ClassNames : (ImmutableArray<string>?)null,
        Data.IsBinary, Data.HasWeights);
}
