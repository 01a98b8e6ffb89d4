namespace MLNetMeta.Trainers.Testing;

/// <summary>A learner breaks a law of its contract.</summary>
public sealed class LearnerContractException : Exception
{
    internal LearnerContractException(string subject, IReadOnlyList<LearnerContractResult> results)
        : base($"{subject} breaks {results.Count(result => !result.Holds)} of {results.Count} laws:{Environment.NewLine}"
            + string.Join(Environment.NewLine, results.Where(result => !result.Holds))) => Results = results;

    /// <summary>All laws that were checked.</summary>
    public IReadOnlyList<LearnerContractResult> Results { get; }
}
