using MLNetMeta.Trainers.Rules;

namespace MLNetMeta.Trainers;

/// <summary>How the meta-gradient, the gradient of the evaluation loss after adaptation, is estimated.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>rule</term><description>cost beside the free phase; memory; bias</description></listheader>
/// <item><term><see cref="Contrastive"/></term><description>one or two nudged phases; flat; vanishes with β and the distance from equilibrium</description></item>
/// <item><term><see cref="ConjugateGradient"/></term><description>one Hessian-vector product per solver step; flat; vanishes with the distance from equilibrium</description></item>
/// <item><term><see cref="NeumannSeries"/></term><description>as above, converges more slowly</description></item>
/// <item><term><see cref="T1T2"/></term><description>one mixed derivative; flat; takes the Hessian for the identity</description></item>
/// <item><term><see cref="Unrolled"/></term><description>the backward pass through the free phase; grows with the steps; none (truncated: some)</description></item>
/// <item><term><see cref="FirstOrder"/></term><description>one gradient; flat; takes the adaptation for a shift</description></item>
/// <item><term><see cref="Reptile"/></term><description>none; flat; moves to where adaptation ends</description></item>
/// </list>
/// </remarks>
public sealed record MetaGradientRule
{
    private MetaGradientRule(string name) => Name = name;

    /// <summary>The contrastive rule (Zucchet et al., 2022), with the nudging options of <see cref="MetaTrainingOptions"/>. The default.</summary>
    public static MetaGradientRule Contrastive { get; } = new("contrastive");

    /// <summary>The implicit gradient with the inverse Hessian taken for the identity (Luketina et al., 2016).</summary>
    public static MetaGradientRule T1T2 { get; } = new("T1-T2");

    /// <summary>First-order MAML (Finn et al., 2017): the gradient of the evaluation loss at the adapted parameters moves their start.</summary>
    public static MetaGradientRule FirstOrder { get; } = new("first-order MAML");

    /// <summary>Reptile (Nichol et al., 2018): the start moves towards where adaptation ends. Serves learners whose slow parameters are such a start only.</summary>
    public static MetaGradientRule Reptile { get; } = new("Reptile");

    /// <summary>The rule's name.</summary>
    public string Name { get; }

    /// <summary>Solver steps, or recorded steps of a truncated unrolling; null where the rule has none.</summary>
    public int? Steps { get; private init; }

    /// <summary>Step size α of the Neumann series; null for other rules.</summary>
    public double? StepSize { get; private init; }

    /// <summary>Implicit differentiation with the conjugate gradient method, as iMAML (Rajeswaran et al., 2019).</summary>
    /// <param name="steps">Solver steps, at least 1; each is one Hessian-vector product.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one step.</exception>
    public static MetaGradientRule ConjugateGradient(int steps = 10) => new("implicit, conjugate gradient") { Steps = AtLeastOne(steps) };

    /// <summary>Implicit differentiation with the Neumann series v = α Σ (1 − αH)ᵏ ∇L_out, also called recurrent backpropagation (Lorraine et al., 2020).</summary>
    /// <param name="steps">Terms of the series, at least 1; each is one Hessian-vector product.</param>
    /// <param name="stepSize">α, above 0 and below 2 over the largest eigenvalue of the Hessian.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static MetaGradientRule NeumannSeries(int steps = 50, double stepSize = 0.01) => new("implicit, Neumann series")
    {
        Steps = AtLeastOne(steps),
        StepSize = stepSize > 0 && double.IsFinite(stepSize) ? stepSize : throw Throw.Option(nameof(stepSize), stepSize, "a finite number above 0"),
    };

    /// <summary>Backpropagation through the free phase and its optimiser, as MAML (Finn et al., 2017).</summary>
    /// <param name="lastSteps">Null for all steps; else only the last steps of the same free phase are recorded (truncated), at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one step.</exception>
    public static MetaGradientRule Unrolled(int? lastSteps = null) =>
        new(lastSteps is null ? "unrolled" : "truncated unrolling") { Steps = lastSteps is { } steps ? AtLeastOne(steps) : null };

    /// <summary>Whether the estimate depends on the steps taken, not only on where they ended.</summary>
    internal bool SeesSteps => Name is "unrolled" or "truncated unrolling";

    /// <summary>Whether the estimate moves the start of adaptation even where nothing pulls back to it.</summary>
    internal bool SeesStart => this == FirstOrder || this == Reptile || Name == "unrolled";

    /// <summary>Whether the estimate has a gradient for the strengths λ of the pulls.</summary>
    internal bool SeesStrength => this != FirstOrder && this != Reptile;

    /// <summary>Whether the estimate takes second derivatives of the learning loss.</summary>
    internal bool NeedsHessian => this == T1T2 || Name.StartsWith("implicit", StringComparison.Ordinal);

    internal string Describe() => FormattableString.Invariant($"{Name} {Steps} {StepSize}").TrimEnd();

    /// <summary>The table of rules; a new one is a row here and a file.</summary>
    internal IMetaGradientRule Create(Phase free, Phase nudged, Stencil stencil, double? strength)
    {
        if (this == Contrastive)
        {
            return new ContrastiveRule(
                stencil, strength ?? throw new InvalidOperationException("No nudging strength has been advised."), free, nudged);
        }

        return Name switch
        {
            "T1-T2" => new ImplicitRule(new IdentitySolver(), free),
            "first-order MAML" => new FirstOrderRule(free),
            "Reptile" => new ReptileRule(free),
            "implicit, conjugate gradient" => new ImplicitRule(new ConjugateGradientSolver(Steps!.Value), free),
            "implicit, Neumann series" => new ImplicitRule(new NeumannSolver(Steps!.Value, StepSize!.Value), free),
            _ => new UnrolledRule(Steps, free),
        };
    }

    private static int AtLeastOne(int steps) => steps >= 1 ? steps : throw Throw.Option(nameof(steps), steps, "at least 1");
}
