using MLNetMeta.Trainers.Rules;

namespace MLNetMeta.Trainers;

/// <summary>
/// How the meta-gradient is estimated: the gradient of the evaluation loss after adaptation. Each rule has its own settings.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>rule</term><description>cost in addition to the free phase; memory; bias</description></listheader>
/// <item><term><see cref="Contrastive"/></term><description>one or two nudged phases; constant; vanishes with β and the distance from
/// equilibrium</description></item>
/// <item><term><see cref="ConjugateGradient"/></term><description>one Hessian-vector product per solver step; constant; vanishes with the
/// distance from equilibrium</description></item>
/// <item><term><see cref="NeumannSeries"/></term><description>as above, converges more slowly</description></item>
/// <item><term><see cref="T1T2"/></term><description>one mixed derivative; constant; treats the Hessian as the
/// identity</description></item>
/// <item><term><see cref="Unrolled"/></term><description>the backward pass through the free phase; grows with the number of steps; none
/// (truncated: some)</description></item>
/// <item><term><see cref="FirstOrder"/></term><description>one gradient; constant; treats the adaptation as a shift</description></item>
/// <item><term><see cref="Reptile"/></term><description>none; constant; moves the start towards the end of adaptation</description></item>
/// </list>
/// <para>Two rules with the same settings are equal.</para>
/// </remarks>
/// <example>
/// <code>
/// var rule = MetaGradientRule.Contrastive(strength: 0.1, stencil: NudgingStencil.Symmetric, nudgedSteps: 25);
/// var maml = MetaGradientRule.Unrolled();
/// </code>
/// </example>
public abstract record MetaGradientRule
{
    private protected MetaGradientRule()
    {
    }

    /// <summary>Name of the rule.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the estimate depends on the steps taken, not only on where they ended.</summary>
    internal virtual bool SeesSteps => false;

    /// <summary>Whether the estimate moves the start of adaptation even where nothing pulls back to it.</summary>
    internal virtual bool SeesStart => false;

    /// <summary>Whether the estimate has a gradient for the strengths λ of the pulls.</summary>
    internal virtual bool SeesStrength => true;

    /// <summary>Whether the estimate has a gradient for slow parameters that adaptation does not start from.</summary>
    internal virtual bool SeesSharedParameters => true;

    /// <summary>Whether the estimate takes second derivatives of the learning loss.</summary>
    internal virtual bool NeedsHessian => false;

    /// <summary>
    /// The contrastive rule (Zucchet et al., 2022): the difference between nudged phases and the free phase before them. The default.
    /// </summary>
    /// <param name="strength">
    /// Nudging strength β of the evaluation loss, from 1e-6 (single precision cannot resolve the difference below that) to 1000. Null
    /// (default) to choose it with a pilot on some tasks when training starts; see <see cref="NudgingAdvice"/>. The advice is logged.
    /// </param>
    /// <param name="stencil">How the free and the nudged phases are compared.</param>
    /// <param name="nudgedSteps">Steps of each nudged phase, at least 1. Default 25.</param>
    /// <param name="nudgedOptimizer">Optimiser of the nudged phases; null (default) for the optimiser of the free phase.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static MetaGradientRule Contrastive(
        double? strength = null, NudgingStencil stencil = NudgingStencil.Symmetric, int nudgedSteps = 25, Optimizer? nudgedOptimizer = null)
    {
        if (strength is { } beta and not (>= 1e-6 and <= 1000))
        {
            throw Throw.Option(nameof(strength), beta, "from 1e-6 to 1000, or null for an advised strength");
        }

        if (!Enum.IsDefined(stencil))
        {
            throw Throw.Option(nameof(stencil), stencil, $"one of {string.Join(", ", Enum.GetNames<NudgingStencil>())}");
        }

        return new ContrastiveSettings(strength, stencil, AtLeastOne(nudgedSteps, nameof(nudgedSteps)), nudgedOptimizer);
    }

    /// <summary>Implicit differentiation with the conjugate gradient method, as in iMAML (Rajeswaran et al., 2019).</summary>
    /// <param name="steps">Solver steps, at least 1; each is one Hessian-vector product.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one step.</exception>
    public static MetaGradientRule ConjugateGradient(int steps = 10) =>
        new ImplicitSettings(new ConjugateGradientSolver(AtLeastOne(steps, nameof(steps))));

    /// <summary>
    /// Implicit differentiation with the Neumann series v = α Σ (1 − αH)ᵏ ∇L_out, also called
    /// recurrent backpropagation (Lorraine et al., 2020).
    /// </summary>
    /// <param name="steps">Terms of the series, at least 1; each is one Hessian-vector product.</param>
    /// <param name="stepSize">α, above 0 and below 2 over the largest eigenvalue of the Hessian.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static MetaGradientRule NeumannSeries(int steps = 50, double stepSize = 0.01) => new ImplicitSettings(new NeumannSolver(
        AtLeastOne(steps, nameof(steps)),
        stepSize > 0 && double.IsFinite(stepSize) ? stepSize : throw Throw.Option(nameof(stepSize), stepSize, "a finite number above 0")));

    /// <summary>The implicit gradient with the identity in place of the inverse Hessian (Luketina et al., 2016).</summary>
    public static MetaGradientRule T1T2() => new ImplicitSettings(new IdentitySolver());

    /// <summary>Backpropagation through the free phase and its optimiser, as in MAML (Finn et al., 2017).</summary>
    /// <param name="lastSteps">
    /// Null for all steps. Otherwise only this number of last steps of the same free phase is recorded (truncated), at least 1.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one step.</exception>
    public static MetaGradientRule Unrolled(int? lastSteps = null) =>
        new UnrolledSettings(lastSteps is { } steps ? AtLeastOne(steps, nameof(lastSteps)) : null);

    /// <summary>
    /// First-order MAML (Finn et al., 2017): the gradient of the evaluation loss at the adapted parameters is applied to their start.
    /// </summary>
    public static MetaGradientRule FirstOrder() => new FirstOrderSettings();

    /// <summary>
    /// Reptile (Nichol et al., 2018): the start moves towards the end of adaptation. Only for learners whose slow parameters are the start
    /// of the fast ones and nothing else.
    /// </summary>
    public static MetaGradientRule Reptile() => new ReptileSettings();

    /// <summary>Everything that the estimate depends on, in words.</summary>
    internal abstract string Describe(Phase free);

    /// <summary>The rule for a free phase.</summary>
    /// <exception cref="InvalidOperationException">A contrastive rule whose strength has not been advised yet.</exception>
    internal abstract IMetaGradientRule Create(Phase free);

    private static int AtLeastOne(int steps, string name) => steps >= 1 ? steps : throw Throw.Option(name, steps, "at least 1");
}
