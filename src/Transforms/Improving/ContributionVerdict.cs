namespace MLNetMeta.Transforms;

/// <summary>What a <see cref="LearnerImprover"/> makes of a contribution.</summary>
public enum ContributionVerdict
{
    /// <summary>It is kept on the disk, and is merged by the next step.</summary>
    Accepted,

    /// <summary>It was accepted before, and counts once.</summary>
    AlreadyKnown,

    /// <summary>It is of another learner, or of one that was improved elsewhere.</summary>
    OtherLearner,

    /// <summary>It is older than <see cref="ImproverOptions.MaximumAge"/> allows. Compute it again with the current learner.</summary>
    TooOld,

    /// <summary>It is of a revision that does not exist yet.</summary>
    UnknownRevision,

    /// <summary>It holds NaN or infinite numbers.</summary>
    NotFinite,

    /// <summary>It is longer than <see cref="ImproverOptions.MaximumNorm"/> allows.</summary>
    TooLong,

    /// <summary>It is of more tasks than <see cref="ImproverOptions.MaximumTasks"/> allows.</summary>
    TooManyTasks,
}
