namespace MLNetMeta.Trainers.Rules;

/// <summary>Settings of <see cref="ContrastiveRule"/>.</summary>
/// <param name="Strength">β; null where it is to be advised.</param>
/// <param name="Stencil">How phases are compared.</param>
/// <param name="NudgedSteps">Steps of each nudged phase.</param>
/// <param name="NudgedOptimizer">Its optimiser; null for that of the free phase.</param>
internal sealed record ContrastiveSettings(
    double? Strength, NudgingStencil Stencil, int NudgedSteps, Optimizer? NudgedOptimizer) : MetaGradientRule
{
    public override string Name => "contrastive";

    public Phase NudgedPhase(Phase free) => new(NudgedOptimizer ?? free.Optimizer, NudgedSteps);

    internal override string Describe(Phase free) => FormattableString.Invariant(
        $"{Name} {Strength}, {Stencil}, nudged {NudgedPhase(free).Optimizer.Describe()} x {NudgedSteps}");

    internal override IMetaGradientRule Create(Phase free) => new ContrastiveRule(
        Rules.Stencil.Of(Stencil), Strength
            ?? throw new InvalidOperationException("No nudging strength has been advised."), free, NudgedPhase(free));
}
