namespace MLNetMeta.Trainers.Rules;

/// <summary>Settings of <see cref="ImplicitRule"/>.</summary>
/// <param name="Solver">What solves its linear system.</param>
internal sealed record ImplicitSettings(ILinearSolver Solver) : MetaGradientRule
{
    public override string Name => Solver.Name;

    internal override bool NeedsHessian => true;

    internal override string Describe(Phase free) => Solver.Describe();

    internal override IMetaGradientRule Create(Phase free) => new ImplicitRule(Solver, free);
}
