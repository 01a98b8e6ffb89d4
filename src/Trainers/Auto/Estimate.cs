using Microsoft.ML;
using Microsoft.ML.Trainers;
using MLNetMeta.Trainers.Evaluation;
using MLNetMeta.Trainers.Tasks;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Auto;

/// <summary>Measures on the tasks that were set aside: the best candidate, the same not meta-trained, and a baseline of ML.NET.</summary>
internal sealed class Estimate(MLContext context, MetaTask task, AutoTrainer.Options options, TaskShares shares, int seed)
{
    private const int EpisodesPerTask = 5;
    private const int EpisodesOfClasses = 200;

    private readonly EpisodeScorer _scorer = new(
        context, shares.SetAside, hasSharedClasses: options.Tasks.ColumnName is not null, options.CancellationToken);

    // The standard baseline takes features that are standardised over the tasks of the search, as a user would: a few rows have no scale.
    private readonly TaskShares _forBaseline = options.Baseline is null ? Standardized(shares) : shares;

    private string? Weight => shares.Search.HasWeights ? "Weight" : null;

    /// <summary>The candidate first, then what it is compared with; the same episodes for all.</summary>
    public IReadOnlyList<AutoComparison> Measure(string name, Learner found, Learner start)
    {
        var baseline = options.Baseline ?? Standard();
        var scorer = new EpisodeScorer(
            context, _forBaseline.SetAside, hasSharedClasses: options.Tasks.ColumnName is not null, options.CancellationToken);
        var own = Of(episode => _scorer.Adapted(found, episode));
        var comparisons = new List<AutoComparison>
        {
            new() { Name = name, Metrics = own, Gain = double.NaN, GainInterval95 = double.NaN },
            Compare("the same learner, not meta-trained", Of(episode => _scorer.Adapted(start, episode))),
            Compare("the baseline on each task alone", Of(episode => scorer.Trained(baseline, episode))),
        };
        if (options.Tasks.ColumnName is not null)
        {
            var all = _forBaseline.Search;
            var pooled = baseline.Fit(
                EpisodeView.Create(context, all, [.. Enumerable.Range(0, all.Rows)], all.Classes, all.ClassNames));
            using var disposable = pooled as IDisposable;
            comparisons.Add(Compare("the baseline on all tasks together", Of(episode => scorer.Scored(pooled, episode))));
        }

        return comparisons;

        AutoComparison Compare(string other, FewShotMetrics metrics)
        {
            var isAccuracy = task == MetaTask.Classification;
            var gains = new FewShotMetrics(
                "Gain", [.. own.Episodes.Zip(metrics.Episodes, (o, m) => isAccuracy ? o - m : m - o)]);
            return new() { Name = other, Metrics = metrics, Gain = gains.Mean, GainInterval95 = gains.ConfidenceInterval95 };
        }
    }

    private IEstimator<ITransformer> Standard() => task == MetaTask.Classification
        ? shares.Search.IsBinary
            ? context.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: Weight)
            : context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(exampleWeightColumnName: Weight)
        // On a handful of rows its own choices are hundreds of thousands of passes, and next to no regularisation.
        : context.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options
        {
            MaximumNumberOfIterations = 100, L2Regularization = 0.1f, NumberOfThreads = 1, ExampleWeightColumnName = Weight,
        });

    /// <summary>The same tasks with features of mean 0 and variance 1 over those of the search.</summary>
    private static TaskShares Standardized(TaskShares shares)
    {
        var scale = Standardizer.Fit(shares.Search.Features, shares.Search.FeatureCount);
        return new TaskShares(Scaled(shares.Search), Scaled(shares.SetAside));

        TaskData Scaled(TaskData data)
        {
            var features = (float[])data.Features.Clone();
            Standardizer.ApplyInPlace(scale, features);
            return data with { Features = features };
        }
    }

    /// <summary>
    /// One value a task: the mean of a few episodes, since episodes of one task are no independent witnesses. For episodes of classes, one
    /// value an episode.
    /// </summary>
    private FewShotMetrics Of(Func<Episode, EpisodeScores> score)
    {
        var random = new Random(seed + 3);
        IMeter meter = task == MetaTask.Classification ? new ClassificationMeter() : new RegressionMeter(shares.SetAside);
        foreach (var episode in Sources().SelectMany(source => Enumerable.Range(0, source.Episodes).Select(_ => source.From.Draw(random))))
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            meter.Add(episode, score(episode));
        }

        var metrics = meter.Metrics();
        return options.Tasks.ColumnName is null ? metrics : metrics.MeansOf(EpisodesPerTask);
    }

    private IEnumerable<(IEpisodeSource From, int Episodes)> Sources() => options.Tasks.ColumnName is null
        ? [(options.Tasks.All(shares.SetAside), EpisodesOfClasses)]
        : shares.SetAside.Groups.Select((group, g) => (
            options.Tasks.All(shares.SetAside with { Groups = [group], GroupNames = [shares.SetAside.GroupNames[g]] }), EpisodesPerTask));
}
