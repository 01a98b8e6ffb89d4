using Microsoft.Data.Analysis;

namespace MLNetMeta.Trainers;

/// <summary>Few-shot performance as the field reports it: the mean over episodes with its 95 % confidence interval.</summary>
public sealed class FewShotMetrics
{
    internal FewShotMetrics(string name, IReadOnlyList<double> episodes)
    {
        Name = name;
        Episodes = episodes;
        Mean = episodes.Average();
        StandardDeviation = episodes.Count > 1 ? Math.Sqrt(episodes.Sum(e => (e - Mean) * (e - Mean)) / (episodes.Count - 1)) : double.NaN;
    }

    /// <summary>
    /// What is measured on the query rows of each episode: <c>Accuracy</c>, in [0, 1], or <c>MeanSquaredError</c>,
    /// in squared units of the label.
    /// </summary>
    public string Name { get; }

    /// <summary>The value of each episode, in the order in which they were drawn.</summary>
    public IReadOnlyList<double> Episodes { get; }

    /// <summary>Mean over episodes.</summary>
    public double Mean { get; }

    /// <summary>Standard deviation over episodes (n − 1); NaN for a single episode.</summary>
    public double StandardDeviation { get; }

    /// <summary>Half the width of the 95 % confidence interval of the mean: 1.96 standard errors.</summary>
    public double ConfidenceInterval95 => 1.96 * StandardDeviation / Math.Sqrt(Episodes.Count);

    /// <summary>One row an episode; columns Episode and the metric's name.</summary>
    public DataFrame ToDataFrame() => new(
        new Int32DataFrameColumn("Episode", Enumerable.Range(0, Episodes.Count)), new DoubleDataFrameColumn(Name, Episodes));

    /// <summary>Mean ± interval.</summary>
    public override string ToString() =>
        FormattableString.Invariant($"{Name} {Mean:G4} ± {ConfidenceInterval95:G2} ({Episodes.Count} episodes)");
}
