using Microsoft.ML;
using MLNetMeta.Trainers.Evaluation;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Estimators;

/// <summary>Measures on validation tasks what certainty is fitted to.</summary>
/// <param name="context">The context.</param>
/// <param name="data">The rows, as the learner takes them.</param>
/// <param name="learner">The learner.</param>
/// <param name="cancellation">Stops an adaptation.</param>
internal sealed class CertaintyMeter(MLContext context, TaskData data, Learner learner, CancellationToken cancellation)
{
    private readonly EpisodeScorer _scorer = new(
        context, data, hasSharedClasses: learner.Labels is LabelSemantics.Shared or LabelSemantics.Binary, cancellation);

    public CalibrationCase OfClasses(Episode episode) =>
        new(_scorer.Adapted(learner, episode).Scores, episode.QueryClasses, episode.Support.Length);

    public IntervalCase OfNumbers(Episode episode)
    {
        int[] rows = [.. episode.Support, .. episode.Query];
        var errors = Errors(rows, _scorer.Adapted(learner, episode with { Query = rows }));
        var supportErrors = episode.Support.Length * data.OutputCount;
        return new(
            errors[supportErrors..], Errors(episode.Query, _scorer.Adapted(learner, episode, steps: 0)), episode.Support.Length,
            RootMeanSquares(errors[..supportErrors], episode.Support), Distances(episode.Query, Centre(episode.Support)),
            Distances(episode.Query, new double[data.FeatureCount]));
    }

    /// <summary>Predictions − targets, <c>[rows, outputs]</c>; NaN where a target is missing.</summary>
    private float[] Errors(int[] rows, EpisodeScores predicted) =>
        [.. rows.SelectMany(row => data.TargetsOf(row).ToArray()).Zip(predicted.Scores, (target, score) => score - target)];

    /// <summary>Of the errors of each output that are known, by the weights of their rows.</summary>
    private double[] RootMeanSquares(float[] errors, int[] rows) => [.. Enumerable.Range(0, data.OutputCount).Select(output =>
    {
        var known = errors.Select(
            (error, i) => (Error: error, Output: i % data.OutputCount, Weight: data.WeightOf(rows[i / data.OutputCount])))
            .Where(of => of.Output == output && !float.IsNaN(of.Error)).ToArray();
        return known.Length == 0 ? 0
            : Math.Sqrt(known.Sum(of => (double)of.Error * of.Error * of.Weight) / known.Sum(of => (double)of.Weight));
    })];

    /// <summary>The mean of rows.</summary>
    private double[] Centre(int[] rows) =>
        [.. Enumerable.Range(0, data.FeatureCount).Select(i => rows.Average(row => (double)data.FeaturesOf(row)[i]))];

    /// <summary>Root mean square over features, of rows to a point.</summary>
    private double[] Distances(int[] rows, double[] from) => Array.ConvertAll(
        rows, row => Math.Sqrt(from.Select((mean, i) => Math.Pow(data.FeaturesOf(row)[i] - mean, 2)).Average()));
}
