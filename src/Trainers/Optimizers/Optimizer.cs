using System.Text.Json;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>A first-order optimiser and its constants, used for adaptation (inner) and for meta-training (outer).</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>optimiser</term><description>update of parameter p with gradient g</description></listheader>
/// <item><term><see cref="Sgd"/></term><description>v ← μv + g; p ← p − η v (with Nesterov: p ← p − η (g + μv))</description></item>
/// <item><term><see cref="Adam"/></term><description>m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − η m̂ /
/// (√v̂ + ε) (Kingma and Ba, 2015)</description></item>
/// </list>
/// </remarks>
/// <example>
/// <code>
/// var inner = Optimizer.Sgd(0.01, momentum: 0.9, nesterov: true);
/// var outer = Optimizer.Adam(0.003);
/// </code>
/// </example>
public sealed record Optimizer
{
    private Optimizer(string kind, double learningRate)
    {
        Kind = kind;
        LearningRate = Positive(learningRate, nameof(learningRate));
    }

    /// <summary>Name of the update rule: <c>Sgd</c>, <c>Adam</c>, or the type name of a rule of one's own.</summary>
    public string Kind { get; }

    /// <summary>Step size η, above 0.</summary>
    public double LearningRate { get; }

    /// <summary>Momentum μ of stochastic gradient descent, in [0, 1).</summary>
    public double Momentum { get; private init; }

    /// <summary>Whether the optimiser uses Nesterov momentum.</summary>
    public bool Nesterov { get; private init; }

    /// <summary>Decay β₁ of Adam's mean of the gradient, in [0, 1).</summary>
    public double Beta1 { get; private init; }

    /// <summary>Decay β₂ of Adam's mean of the squared gradient, in [0, 1).</summary>
    public double Beta2 { get; private init; }

    /// <summary>Adam's ε, above 0.</summary>
    public double Epsilon { get; private init; }

    /// <summary>The rule passed to <see cref="Custom"/>; null for the rules of this library.</summary>
    public IUpdateRule? CustomRule { get; private init; }

    /// <summary>Gradient descent, plain or with momentum.</summary>
    /// <param name="learningRate">Step size, above 0.</param>
    /// <param name="momentum">Momentum, in [0, 1).</param>
    /// <param name="nesterov">Whether to use Nesterov momentum; needs a momentum above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static Optimizer Sgd(double learningRate, double momentum = 0, bool nesterov = false)
    {
        if (nesterov && momentum == 0)
        {
            throw Throw.Option(nameof(momentum), momentum, "above 0 for Nesterov momentum, for example 0.9");
        }

        return new Optimizer(nameof(Sgd), learningRate) { Momentum = Fraction(momentum, nameof(momentum)), Nesterov = nesterov };
    }

    /// <summary>Adam.</summary>
    /// <param name="learningRate">Step size, above 0.</param>
    /// <param name="beta1">Decay of the mean of the gradient, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of the squared gradient, in [0, 1).</param>
    /// <param name="epsilon">
    /// Added to the root of the mean squared gradient, above 0. Default 1e-5, not the usual 1e-8. A gradient can be zero except for
    /// rounding errors, such as the gradient of the trunk while the readouts of all classes are still equal. A smaller ε would turn these
    /// rounding errors into steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static Optimizer Adam(double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-5) =>
        new(nameof(Adam), learningRate)
        {
            Beta1 = Fraction(beta1, nameof(beta1)),
            Beta2 = Fraction(beta2, nameof(beta2)),
            Epsilon = Positive(epsilon, nameof(epsilon)),
        };

    /// <summary>An optimiser of one's own. For adaptation it becomes part of the learner file.</summary>
    /// <param name="rule">
    /// The update rule. Its <see cref="object.ToString"/> describes it in checkpoints and learner files. A record has a suitable
    /// <see cref="object.ToString"/> automatically.
    /// </param>
    /// <param name="learningRate">Step size, above 0.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rule"/> is null.</exception>
    /// <exception cref="ArgumentException">The rule does not override <see cref="object.ToString"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The step size is not above 0.</exception>
    public static Optimizer Custom(IUpdateRule rule, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (rule.ToString() is not { Length: > 0 } text || text == rule.GetType().ToString())
        {
            throw TrainerThrow.RuleWithoutText(rule.GetType().Name);
        }

        return new(rule.GetType().Name, learningRate) { CustomRule = rule };
    }

    /// <summary>The same optimiser with another step size.</summary>
    /// <param name="learningRate">Step size, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step size is not above 0.</exception>
    public Optimizer WithLearningRate(double learningRate) =>
        CustomRule is { } rule ? Custom(rule, learningRate)
        : Kind == nameof(Adam) ? Adam(learningRate, Beta1, Beta2, Epsilon)
        : Sgd(learningRate, Momentum, Nesterov);

    /// <summary>A description for the learner file, as JSON.</summary>
    internal string Describe() => CustomRule is { } rule
        ? JsonSerializer.Serialize(new { kind = Kind, learningRate = LearningRate, rule = rule.ToString() })
        : Kind == nameof(Adam)
        ? JsonSerializer.Serialize(new { kind = Kind, learningRate = LearningRate, beta1 = Beta1, beta2 = Beta2, epsilon = Epsilon })
        : JsonSerializer.Serialize(new { kind = Kind, learningRate = LearningRate, momentum = Momentum, nesterov = Nesterov });

    private static double Positive(double value, string name) => value > 0 && double.IsFinite(value)
        ? value
        : throw Throw.Option(name, value, "a finite number above 0");

    private static double Fraction(double value, string name) => value is >= 0 and < 1
        ? value
        : throw Throw.Option(name, value, "at least 0 and below 1");
}
