using Microsoft.Data.Analysis;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>Few-shot performance as usually reported: the mean over episodes with its 95 % confidence interval.</summary>
/// <remarks>
/// This object is the main metric; <see cref="Others"/> holds further metrics of the same episodes. Two calls of <c>Evaluate</c> with the
/// same options measure the same episodes, so their results can be compared episode by episode.
/// </remarks>
/// <example>
/// <code>
/// var metrics = ml.MetaLearning().Regression.Evaluate(
///     learner, rows, new FewShotEvaluationOptions { Tasks = new TaskColumn("Machine"), NumberOfEpisodes = 200 });
/// Console.WriteLine($"{metrics.Name}: {metrics.Mean} ± {metrics.ConfidenceInterval95}");
/// </code>
/// </example>
public sealed class FewShotMetrics
{
    internal FewShotMetrics(string name, IReadOnlyList<double> episodes, params IReadOnlyList<FewShotMetrics> others)
    {
        Name = name;
        Episodes = episodes;
        Others = others;
        Mean = episodes.Average();
        StandardDeviation = episodes.Count > 1 ? Math.Sqrt(episodes.Sum(e => (e - Mean) * (e - Mean)) / (episodes.Count - 1)) : double.NaN;
    }

    /// <summary>
    /// Name of the metric on the query rows of each episode: <c>Accuracy</c>, in [0, 1], or <c>MeanSquaredError</c>, in squared units of
    /// the label.
    /// </summary>
    public string Name { get; }

    /// <summary>The value of each episode, in the order in which they were drawn.</summary>
    public IReadOnlyList<double> Episodes { get; }

    /// <summary>The name of the task of each episode; empty for episodes of classes.</summary>
    public IReadOnlyList<string> Tasks { get; internal init; } = [];

    /// <summary>Mean over episodes.</summary>
    public double Mean { get; }

    /// <summary>Standard deviation over episodes (n − 1); NaN for a single episode.</summary>
    public double StandardDeviation { get; }

    /// <summary>Half the width of the 95 % confidence interval of the mean: 1.96 standard errors.</summary>
    public double ConfidenceInterval95 => 1.96 * StandardDeviation / Math.Sqrt(Episodes.Count);

    /// <summary>
    /// Further metrics of the same episodes. Classification: <c>LogLoss</c> (natural logarithm; probabilities below 1e-15 count as 1e-15),
    /// <c>BrierScore</c> (Σ over classes of the squared differences, in [0, 2]) and <c>AveragePrecision</c> (mean over the classes of the
    /// query, in [0, 1]). Regression: <c>MeanAbsoluteError</c>, in units of the label, and for a learner with prediction intervals
    /// <c>Coverage</c>, the share of targets inside their interval, in [0, 1], and <c>IntervalWidth</c>, in units of the label. LogLoss and
    /// BrierScore are NaN if the scores of a trainer are not probabilities.
    /// </summary>
    public IReadOnlyList<FewShotMetrics> Others { get; }

    /// <summary>
    /// Classification: the difference between the probability of the predicted class and the share of correct predictions, over the query
    /// rows of all episodes in 15 bins of equal width (Guo et al., 2017), in [0, 1]. NaN for a regression and for scores that are not
    /// probabilities.
    /// </summary>
    public double ExpectedCalibrationError { get; internal init; } = double.NaN;

    /// <summary>
    /// Regression: 1 − Σ squared errors / Σ squared deviations from the mean of each episode's query, over all episodes; at most 1. NaN for
    /// a classification, and if the targets do not vary in any episode.
    /// </summary>
    public double RSquared { get; internal init; } = double.NaN;

    /// <summary>Gets a metric by its name: this one, or one of <see cref="Others"/>.</summary>
    /// <param name="name">The name, for instance <c>LogLoss</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The metric was not measured. The message names the metrics that were.</exception>
    public FewShotMetrics this[string name] => Others.Prepend(this).FirstOrDefault(metric => metric.Name == name)
        ?? throw TrainerThrow.NoMetric(name, Others.Prepend(this).Select(metric => metric.Name));

    /// <summary>The same metrics with the mean of every so many neighbouring episodes in their place.</summary>
    internal FewShotMetrics MeansOf(int episodes) => new(
        Name, [.. Episodes.Chunk(episodes).Select(chunk => chunk.Average())], [.. Others.Select(metric => metric.MeansOf(episodes))])
    {
        Tasks = [.. Tasks.Chunk(episodes).Select(chunk => chunk[0])],
        ExpectedCalibrationError = ExpectedCalibrationError,
        RSquared = RSquared,
    };

    /// <summary>
    /// One row per task, the task with the lowest mean first. Columns: Task, Episodes and the mean of this metric. No rows for episodes of
    /// classes.
    /// </summary>
    public DataFrame ByTask()
    {
        var tasks = Tasks.Zip(Episodes).GroupBy(episode => episode.First)
            .Select(of => (Task: of.Key, Episodes: of.Count(), Mean: of.Average(episode => episode.Second))).OrderBy(
                of => of.Mean).ToArray();
        return new DataFrame(
            new StringDataFrameColumn("Task", tasks.Select(of => of.Task)),
            new Int32DataFrameColumn("Episodes", tasks.Select(of => of.Episodes)),
            new DoubleDataFrameColumn(Name, tasks.Select(of => of.Mean)));
    }

    /// <summary>
    /// One row per episode. Columns: Episode, Task (if episodes come from a task column) and one for each metric, with its name.
    /// </summary>
    public DataFrame ToDataFrame() => new(
    [
        new Int32DataFrameColumn("Episode", Enumerable.Range(0, Episodes.Count)),
        .. Tasks.Count > 0 ? [new StringDataFrameColumn("Task", Tasks)] : Array.Empty<DataFrameColumn>(),
        .. Others.Prepend(this).Select(metric => new DoubleDataFrameColumn(metric.Name, metric.Episodes)),
    ]);

    /// <summary>Mean ± interval.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Name} {Mean:G4} ± {ConfidenceInterval95:G2} ({Episodes.Count} episodes)");
}
