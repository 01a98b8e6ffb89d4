namespace MLNetMeta.Trainers.Rules;

/// <summary>What <see cref="FirstOrderRule"/> can do; it has no settings.</summary>
internal sealed record FirstOrderSettings : MetaGradientRule
{
    public override string Name => "first-order MAML";

    internal override bool SeesStart => true;

    internal override bool SeesStrength => false;

    internal override string Describe(Phase free) => Name;

    internal override IMetaGradientRule Create(Phase free) => new FirstOrderRule(free);
}
