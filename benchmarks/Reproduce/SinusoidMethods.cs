using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>The methods, their costs and the whole grid of their tuning.</summary>
/// <remarks>
/// Cost of a meta-step in gradients of the network's loss for one task: a step of a phase 1, the evaluation gradient 1, a Hessian-vector
/// product 2, the mixed derivative 2, a step that is recorded and differentiated 3.
/// </remarks>
internal static class SinusoidMethods
{
    private const double Beta = 0.1;

    private const int SolverSteps = 10;

    public static TunedMethod<InnerLoopOptions>[] All { get; } =
    [
        new(
            "contrastive, complex synapse", [Pull(2, 0.5, 5), Meta(3e-2, 1e-2, 1e-1), Steps(20, 30)], v => TwoNudged(v[2]),
            v => new ComplexSynapseTrainer.Options
        {
            Rule = Contrastive(v[2]), PullPerRow = false, ConsolidationStrength = v[0], Training = Rate(v[1]),
                Adaptation = new() { Steps = (int)v[2] },
        }),
        new(
            "contrastive, dual system", [Pull(0.5, 0.1, 2), Meta(1e-2, 3e-3, 3e-2), Steps(20, 30)], v => TwoNudged(v[2]),
            v => new DualSystemTrainer.Options
        {
            Rule = Contrastive(v[2]), PullPerRow = false, ModulationPull = v[0], Training = Rate(v[1]),
                Adaptation = new() { Steps = (int)v[2] },
        }),
        new("MAML", [Meta(1e-2, 3e-3, 3e-2), Inner(0.05, 0.1, 0.02), Steps(5, 10)], v => 3 * (int)v[2], Maml),
        new(
            "iMAML, one λ", [new("λ", 0.5, 2, 8), Meta(1e-2, 3e-3, 3e-2), Steps(50, 20)], v => Solved(v[2]),
            v => Imaml(v) with { LearnConsolidation = false }),
        new("iMAML, λ learned per synapse", [Pull(0.5, 2, 8), Meta(1e-2, 3e-3, 3e-2), Steps(50, 20)], v => Solved(v[2]), Imaml),
        new(
            "first-order MAML", [Meta(1e-2, 3e-3, 3e-2), Inner(0.02, 0.05, 0.01), Steps(10, 5)], v => (int)v[2] + 1,
            v => Maml(v) with { Rule = MetaGradientRule.FirstOrder() }),
        new(
            "Reptile", [Meta(1e-2, 3e-3, 3e-2), Inner(0.05, 0.1, 0.02), Steps(10, 20)], v => (int)v[2],
            v => Maml(v) with { Rule = MetaGradientRule.Reptile() }),
    ];

    private static Axis Meta(params double[] values) => new("meta-learning rate", values);

    private static Axis Pull(params double[] values) => new("initial λ", values);

    private static Axis Inner(params double[] values) => new("inner rate", values);

    private static Axis Steps(params double[] values) => new("inner steps", values);

    private static int TwoNudged(double free) => (int)free + (2 * ((int)free / 2));

    private static int Solved(double free) => (int)free + 1 + (2 * SolverSteps) + 2;

    private static MetaGradientRule Contrastive(double free) => MetaGradientRule.Contrastive(Beta, nudgedSteps: (int)free / 2);

    // The paper's trainings have a budget and no patience.
    private static TrainingOptions Rate(double metaLearningRate) =>
        new() { Optimizer = Optimizer.Adam(metaLearningRate), ValidationInterval = 100, Patience = null };

    private static ComplexSynapseTrainer.Options Maml(double[] v) => new()
    {
        ConsolidationStrength = 0, LearnConsolidation = false, Training = Rate(v[0]),
        Adaptation = new() { Optimizer = Optimizer.Sgd(v[1]), Steps = (int)v[2] },
        Rule = MetaGradientRule.Unrolled(),
    };

    private static ComplexSynapseTrainer.Options Imaml(double[] v) => new()
    {
        Rule = MetaGradientRule.ConjugateGradient(SolverSteps), PullPerRow = false, ConsolidationStrength = v[0], Training = Rate(v[1]),
        Adaptation = new() { Steps = (int)v[2] },
    };
}
