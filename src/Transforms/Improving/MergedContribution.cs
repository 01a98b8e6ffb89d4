namespace MLNetMeta.Transforms.Improving;

/// <summary>A contribution that was merged.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Revision">The revision that it was computed with.</param>
internal sealed record MergedContribution(Guid Id, int Revision);
