namespace MLNetMeta.Trainers.Rules;

/// <summary>Settings of <see cref="UnrolledRule"/>.</summary>
/// <param name="LastSteps">Recorded steps; null for all.</param>
internal sealed record UnrolledSettings(int? LastSteps) : MetaGradientRule
{
    public override string Name => LastSteps is null ? "unrolled" : "truncated unrolling";

    internal override bool SeesSteps => true;

    internal override bool SeesStart => LastSteps is null;

    internal override string Describe(Phase free) => FormattableString.Invariant($"{Name} {LastSteps}").TrimEnd();

    internal override IMetaGradientRule Create(Phase free) => new UnrolledRule(LastSteps, free);
}
