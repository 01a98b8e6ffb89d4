using System.Globalization;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>The constants of a meta-optimisation on one data set.</summary>
/// <param name="Network">The network for a number of features and classes.</param>
/// <param name="Architecture">The network in words.</param>
internal sealed record MetaOptimizationProtocol(Func<int, int, Network> Network, string Architecture)
{
    /// <summary>Rows of a mini-batch.</summary>
    public required int Batch { get; init; }

    public required Optimizer Inner { get; init; }

    public required Optimizer Nudged { get; init; }

    public required int FreeSteps { get; init; }

    /// <summary>Gradient evaluations that a rule has beside the free phase.</summary>
    public required int ExtraSteps { get; init; }

    public required int OuterSteps { get; init; }

    /// <summary>Adam's rate for log λ.</summary>
    public required double OuterRate { get; init; }

    /// <summary>β of the forward stencil.</summary>
    public required double Beta { get; init; }

    /// <summary>
    /// β of the symmetric stencil, which nudges away from the validation rows too: below 1, or that phase has no equilibrium.
    /// </summary>
    public double SymmetricBeta { get; init; } = 0.3;

    /// <summary>α of the Neumann series.</summary>
    public required double NeumannRate { get; init; }

    /// <summary>λ at first, of ½ λ φ²: twice the paper's, whose energy is λ φ².</summary>
    public required double Strength { get; init; }

    /// <summary>The paper's for CIFAR-10.</summary>
    public static MetaOptimizationProtocol Cifar { get; } = new((_, classes) => new Network(new LeNet(), classes), "LeNet")
    {
        Batch = 500, Inner = Optimizer.Sgd(3e-4, 0.9, nesterov: true), Nudged = Optimizer.Sgd(1e-4, 0.9, nesterov: true), FreeSteps = 5000,
        ExtraSteps = 200,
        OuterSteps = 100, OuterRate = 0.1, Beta = 10, NeumannRate = 3e-4, Strength = 0.2,
    };

    /// <summary>The paper's for MNIST.</summary>
    public static MetaOptimizationProtocol Mnist { get; } = new(
        (width, classes) => Mlp.WithReadout(width, [256, 256, 256, 256, 256], classes, Activation.Tanh), "784-256-256-256-256-256-10, tanh")
    {
        Batch = 500, Inner = Optimizer.Adam(3e-4), Nudged = Optimizer.Adam(3e-4), FreeSteps = 2000, ExtraSteps = 200,
        OuterSteps = 100, OuterRate = 0.1, Beta = 3, NeumannRate = 1e-3, Strength = 2e-5,
    };

    /// <summary>Ours for tables and drawings, small enough for a processor.</summary>
    public static MetaOptimizationProtocol Small { get; } = new(
        (width, classes) => Mlp.WithReadout(width, [64], classes, Activation.Tanh), "one hidden layer of 64, tanh")
    {
        Batch = 250, Inner = Optimizer.Sgd(0.1, 0.9, nesterov: true), Nudged = Optimizer.Sgd(0.05, 0.9, nesterov: true), FreeSteps = 200,
        ExtraSteps = 50,
        OuterSteps = 30, OuterRate = 0.2, Beta = 1, NeumannRate = 0.1, Strength = 1e-3,
    };

    /// <summary>
    /// The rules of the table, each with <see cref="FreeSteps"/> + <see cref="ExtraSteps"/> gradient
    /// evaluations in an outer step; null where λ is not learned.
    /// </summary>
    public IReadOnlyList<(string Name, IMetaGradientRule? Rule)> Rules =>
    [
        ("initial λ, not learned", null),
        ("contrastive", new ContrastiveRule(Stencil.Forward, Beta, Free(0), new Phase(Nudged, ExtraSteps))),
        ("contrastive, symmetric", new ContrastiveRule(Stencil.Symmetric, SymmetricBeta, Free(0), new Phase(Nudged, ExtraSteps / 2))),
        ("conjugate gradient", new ImplicitRule(new ConjugateGradientSolver(ExtraSteps / 2), Free(0))),
        ("Neumann series", new ImplicitRule(new NeumannSolver(ExtraSteps / 2, NeumannRate), Free(0))),
        ("T1-T2", new ImplicitRule(new IdentitySolver(), Free(ExtraSteps))),
        ("truncated unrolling", new UnrolledRule(ExtraSteps / 2, Free(0))),
    ];

    public Phase Free(int more) => new(Inner, FreeSteps + more);

    /// <summary>All constants in one line, for a journal's keys.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Architecture} {Batch} {Inner.Describe()} {Nudged.Describe()} {FreeSteps} {ExtraSteps} {OuterSteps} {OuterRate} {Beta} "
        + $"{SymmetricBeta} {NeumannRate} {Strength}");
}
