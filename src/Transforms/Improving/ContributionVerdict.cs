namespace MLNetMeta.Transforms;

/// <summary>The decision of a <see cref="LearnerImprover"/> about a contribution.</summary>
public enum ContributionVerdict
{
    /// <summary>It is on disk, and the next step merges it.</summary>
    Accepted,

    /// <summary>It was accepted before. It counts only once.</summary>
    AlreadyKnown,

    /// <summary>It is for another learner, or for a copy that was improved elsewhere.</summary>
    OtherLearner,

    /// <summary>It is older than <see cref="ImproverOptions.MaximumAge"/> allows. Compute it again with the current learner.</summary>
    TooOld,

    /// <summary>It is for a revision that does not exist yet.</summary>
    UnknownRevision,

    /// <summary>It contains NaN or infinite numbers.</summary>
    NotFinite,

    /// <summary>Its norm is larger than <see cref="ImproverOptions.MaximumNorm"/> allows.</summary>
    TooLong,

    /// <summary>It has more tasks than <see cref="ImproverOptions.MaximumTasks"/> allows.</summary>
    TooManyTasks,
}
