using Microsoft.Data.Analysis;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers;

/// <summary>What <see cref="AutoTrainer.Search"/> found.</summary>
public sealed class AutoResult
{
    internal AutoResult(Learner learner, string chosen, DataFrame leaderboard, IReadOnlyList<AutoComparison> comparisons, string verdict) =>
        (Learner, Chosen, Leaderboard, Comparisons, Verdict) = (learner, chosen, leaderboard, comparisons, verdict);

    /// <summary>The learner of the best settings, meta-trained on all tasks; the caller's to dispose.</summary>
    public Learner Learner { get; }

    /// <summary>The best candidate's learner and settings.</summary>
    public string Chosen { get; }

    /// <summary>
    /// One row a candidate, the best first; columns Candidate, Steps (meta-steps trained for), ValidationLoss (its lowest) and StartLoss
    /// (not
    /// meta-trained).
    /// </summary>
    public DataFrame Leaderboard { get; }

    /// <summary>
    /// What was measured on the tasks that were set aside, on which no choice was made: the best candidate first, then what it is
    /// compared with.
    /// </summary>
    public IReadOnlyList<AutoComparison> Comparisons { get; }

    /// <summary>The estimate of what the learner will achieve on new tasks: the first of <see cref="Comparisons"/>.</summary>
    public FewShotMetrics Estimate => Comparisons[0].Metrics;

    /// <summary>In words: how much few-shot learning gains here, and whether it pays.</summary>
    public string Verdict { get; }
}
