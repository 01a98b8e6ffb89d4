namespace MLNetMeta.Transforms;

/// <summary>The answer to a contribution.</summary>
public sealed record ContributionReceipt
{
    internal ContributionReceipt(ContributionVerdict verdict, string message) => (Verdict, Message) = (verdict, message);

    /// <summary>What happened to the contribution.</summary>
    public ContributionVerdict Verdict { get; }

    /// <summary>Whether the contribution was accepted, now or earlier. If true, the sender need not send it again.</summary>
    public bool IsAcknowledged => Verdict is ContributionVerdict.Accepted or ContributionVerdict.AlreadyKnown;

    /// <summary>The verdict in words, with the numbers that it depends on.</summary>
    public string Message { get; }
}
