namespace MLNetMeta.Trainers.Rules;

/// <summary>What <see cref="ReptileRule"/> can do; it has no settings.</summary>
internal sealed record ReptileSettings : MetaGradientRule
{
    public override string Name => "Reptile";

    internal override bool SeesStart => true;

    internal override bool SeesStrength => false;

    internal override bool SeesSharedParameters => false;

    internal override string Describe(Phase free) => Name;

    internal override IMetaGradientRule Create(Phase free) => new ReptileRule(free);
}
