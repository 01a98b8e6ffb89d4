using Microsoft.Data.Analysis;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>The result of <see cref="AutoTrainer.Search"/>.</summary>
public sealed class AutoResult
{
    internal AutoResult(Learner learner, string chosen, DataFrame leaderboard, IReadOnlyList<AutoComparison> comparisons, string verdict) =>
        (Learner, Chosen, Leaderboard, Comparisons, Verdict) = (learner, chosen, leaderboard, comparisons, verdict);

    /// <summary>The learner with the best settings, meta-trained on all tasks. The caller disposes it.</summary>
    public Learner Learner { get; }

    /// <summary>The best candidate's learner and settings.</summary>
    public string Chosen { get; }

    /// <summary>
    /// One row per candidate, the best first. Columns: Candidate, Steps (meta-steps it was trained for), ValidationLoss (its lowest) and
    /// StartLoss (before meta-training).
    /// </summary>
    public DataFrame Leaderboard { get; }

    /// <summary>
    /// The measurements on the held-out tasks, which no choice was based on: the best candidate first, then the methods it is compared
    /// with.
    /// </summary>
    public IReadOnlyList<AutoComparison> Comparisons { get; }

    /// <summary>The expected performance of the learner on new tasks: the metrics of the first of <see cref="Comparisons"/>.</summary>
    public FewShotMetrics Estimate => Comparisons[0].Metrics;

    /// <summary>A summary in words: how much few-shot learning gains on these tasks, and whether it is worthwhile.</summary>
    public string Verdict { get; }
}
