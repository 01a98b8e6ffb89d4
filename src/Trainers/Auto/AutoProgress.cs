namespace MLNetMeta.Trainers;

/// <summary>The state of a search after a candidate has been trained.</summary>
public sealed record AutoProgress
{
    /// <summary>The candidate's learner and settings.</summary>
    public required string Candidate { get; init; }

    /// <summary>Meta-steps that the candidate has been trained for.</summary>
    public required int Steps { get; init; }

    /// <summary>The candidate's lowest validation loss so far.</summary>
    public required double ValidationLoss { get; init; }

    /// <summary>The lowest validation loss of all candidates so far.</summary>
    public required double BestValidationLoss { get; init; }

    /// <summary>Time spent so far.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Time budget of the search.</summary>
    public required TimeSpan Budget { get; init; }
}
