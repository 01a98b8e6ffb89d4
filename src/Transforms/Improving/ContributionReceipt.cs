namespace MLNetMeta.Transforms;

/// <summary>Answer to a contribution.</summary>
public sealed record ContributionReceipt
{
    internal ContributionReceipt(ContributionVerdict verdict, string message) => (Verdict, Message) = (verdict, message);

    /// <summary>What became of it.</summary>
    public ContributionVerdict Verdict { get; }

    /// <summary>Whether it is, or was, merged: the sender need not send it again.</summary>
    public bool IsAcknowledged => Verdict is ContributionVerdict.Accepted or ContributionVerdict.AlreadyKnown;

    /// <summary>The same in words, with the numbers that it depends on.</summary>
    public string Message { get; }
}
