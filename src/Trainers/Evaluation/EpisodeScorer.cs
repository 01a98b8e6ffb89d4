using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Evaluation;

/// <summary>Scores the query rows of an episode by what was learned from its support rows, or without them.</summary>
/// <param name="context">Creates data views.</param>
/// <param name="data">The rows, not standardised.</param>
/// <param name="hasSharedClasses">Whether all tasks have the same classes.</param>
/// <param name="cancellation">Stops an adaptation.</param>
internal sealed class EpisodeScorer(MLContext context, TaskData data, bool hasSharedClasses, CancellationToken cancellation)
{
    /// <summary>A learner, adapted to the support.</summary>
    public EpisodeScores Adapted(Learner learner, Episode episode, int? steps = null)
    {
        var support = new SupportSet(
            episode.Support.Length,
            Gather(episode.Support, data.FeatureCount, data.FeaturesOf),
            data.IsClassification ? Array.ConvertAll(episode.SupportClasses, c => (long)c) : null,
            data.IsClassification ? null : Gather(episode.Support, data.OutputCount, data.TargetsOf),
            data.HasWeights ? Array.ConvertAll(episode.Support, data.WeightOf) : null);
        using var adapted = learner.Adapt(support, steps, cancellation);
        var width = learner.OutputCount ?? episode.ClassCount;
        using var scorer = new BatchScorer(learner, adapted, width, episode.Query.Length);
        for (var i = 0; i < episode.Query.Length; i++)
        {
            data.FeaturesOf(episode.Query[i]).CopyTo(scorer.Query(i));
        }

        scorer.Run(episode.Query.Length);
        return new EpisodeScores(
            [.. Enumerable.Range(0, episode.Query.Length).SelectMany(row => scorer.Scores(row).ToArray())],
            learner.IntervalCoverage is null
                ? null
                : [.. Enumerable.Range(0, episode.Query.Length).SelectMany(row => scorer.HalfWidths(row).ToArray())]);
    }

    /// <summary>A trainer over the columns Label and Features, trained from scratch on the support.</summary>
    public EpisodeScores Trained(IEstimator<ITransformer> trainer, Episode episode)
    {
        var model = trainer.Fit(View(episode, episode.Support, episode.SupportClasses));
        using var disposable = model as IDisposable;
        return Scored(model, episode);
    }

    /// <summary>A model over the columns Label and Features.</summary>
    public EpisodeScores Scored(ITransformer model, Episode episode)
    {
        var scored = model.Transform(View(episode, episode.Query, episode.QueryClasses));
        if (data.IsBinary)
        {
            // Probabilities where there are such; else scores that are as far apart as the trainer's is from 0.
            return new EpisodeScores(
                scored.Schema.GetColumnOrNull("Probability") is { } column
                    ? [.. scored.GetColumn<float>(column).SelectMany(probability => new[] { 1 - probability, probability })]
                    : [.. scored.GetColumn<float>("Score").SelectMany(of => new[] { -of, of })]);
        }

        var score = scored.Schema["Score"];
        return new EpisodeScores(
            score.Type is VectorDataViewType
                ? [.. scored.GetColumn<float[]>(score).SelectMany(row => row)]
                : [.. scored.GetColumn<float>(score)]);
    }

    // Classes of a task column have their names, which a learner of shared labels goes by; those of an episode are numbered.
    private IDataView View(Episode episode, int[] rows, int[] classes) => EpisodeView.Create(
        context, data, rows, classes, hasSharedClasses
            ? data.ClassNames
            : [.. Enumerable.Range(0, episode.ClassCount).Select(c => c.ToString(CultureInfo.InvariantCulture))]);

    private delegate ReadOnlySpan<float> RowOf(int row);

    private static float[] Gather(int[] rows, int width, RowOf rowOf)
    {
        var values = new float[rows.Length * width];
        for (var i = 0; i < rows.Length; i++)
        {
            rowOf(rows[i]).CopyTo(values.AsSpan(i * width));
        }

        return values;
    }
}
