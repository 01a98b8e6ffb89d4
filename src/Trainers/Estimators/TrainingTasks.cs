using System.Collections.Immutable;
using Microsoft.ML;
using MLNetMeta.Trainers.Export;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Trainers.Training;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>The tasks of a meta-training, wherever their rows are, and the learner for them.</summary>
/// <param name="Learner">The learner that fits the rows.</param>
/// <param name="Shape">What the rows have in common.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Features">Standardisation of the features.</param>
/// <param name="Targets">Standardisation of the targets; null for classes.</param>
internal abstract record TrainingTasks(ILearner Learner, TaskShape Shape, int Seed, Standardization Features, Standardization? Targets)
    : IDisposable
{
    private const int EpisodesToCalibrate = 100;
    private const int EpisodesForIntervals = 200;

    /// <summary>Whoever computes contributions of these tasks; the caller's.</summary>
    public abstract IContributor Open(MetaTrainingOptions options, MetaGradientRule rule);

    /// <summary>Lets go of the rows, wherever they are.</summary>
    public abstract void Dispose();

    /// <summary>What tells these rows apart from others, in words, for a checkpoint.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public abstract IEnumerable<KeyValuePair<string, string>> DescribeRows(CancellationToken cancellation);

    /// <summary>What a learner, whose file takes rows as they are trained on, makes of validation tasks of classes.</summary>
    protected abstract IEnumerable<CalibrationCase> CalibrationCases(
        MLContext context, byte[] file, TaskRange tasks, CancellationToken cancellation);

    /// <summary>The same of numbers.</summary>
    protected abstract IEnumerable<IntervalCase> IntervalCases(
        MLContext context, byte[] file, TaskRange tasks, CancellationToken cancellation);

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
        if (!Shape.IsClassification || Learner.Network.IsTransductive || !Learner.Fast.Any(parameter => parameter.Name == "head.weight"))
        {
            return null;
        }

        var calibrator = new Calibrator();
        foreach (var of in CalibrationCases(
            context, OfStandardizedRows(theta, contents), TaskRange.Certainty(EpisodesToCalibrate), options.CancellationToken))
        {
            calibrator.Add(of.Probabilities, of.Classes, of.SupportRows);
        }

        return calibrator.Fit();
    }

    private Intervals? FitIntervals(MLContext context, float[] theta, MetaTrainingOptions options, LearnerFileContents contents)
    {
        if (Shape.IsClassification || options.CoverageOfIntervals == 0 || Learner.Network.IsTransductive)
        {
            return null;
        }

        var fitter = new IntervalFitter(options.CoverageOfIntervals, Shape.OutputCount);
        foreach (var of in IntervalCases(
            context, OfStandardizedRows(theta, contents), TaskRange.Certainty(EpisodesForIntervals), options.CancellationToken))
        {
            fitter.Add(of.Errors, of.Unadapted, of.SupportRows, of.Residuals, of.Distances, of.UnadaptedDistances);
        }

        return fitter.Fit();
    }

    /// <summary>A learner file that takes the rows as they are trained on.</summary>
    private byte[] OfStandardizedRows(float[] theta, LearnerFileContents contents) =>
        LearnerFileWriter.Write(Learner, theta, contents with
        {
            Features = Standardizer.Identity(Shape.FeatureCount),
            Targets = Shape.IsClassification ? null : Standardizer.Identity(Shape.OutputCount),
        });

    /// <summary>What the learner file says beside θ.</summary>
    private LearnerFileContents FileContents(MetaTrainingOptions options) => new(
        options.PhaseInApp, Features, Targets,
        Shape.IsClassification && options.TaskColumnName is not null ? Shape.ClassNames : (ImmutableArray<string>?)null,
        Shape.IsBinary, Shape.HasWeights);
}
