using System.Collections.Immutable;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>The hidden states behind fast parameters: each φᵢ is pulled to its consolidated value ωᵢ with strength λᵢ.</summary>
/// <remarks>
/// <para>Energy: ½ Σ λᵢ (φᵢ − ωᵢ)², a part of L_in (paper, eq. 8). φ starts at ω, so adapting is a short walk from what tasks share.</para>
/// <para>λ is one fixed number (as in iMAML, Rajeswaran et al. 2019; 0 for no pull), or one learned number per synapse, held as log λ so
/// that it stays positive and its meta-learning rate is relative.</para>
/// <para>Where the support rows share the pull it is λ/n for n rows: the prior of a maximum a posteriori estimate, whose weight against the
/// mean loss falls with the number of rows. The paper's is λ whatever n is.</para>
/// <para>Parameters of a readout with one column per class share one ω and one λ column for all classes, so that a learner adapts to
/// any number of classes (Ye and Chao, 2022).</para>
/// </remarks>
public sealed class Consolidation
{
    private readonly ImmutableArray<ParameterSpec> _fast;
    private readonly double _strength;
    private readonly bool _learned;
    private readonly bool _perRow;

    /// <summary>Hidden states behind fast parameters.</summary>
    /// <param name="fast">The fast parameters.</param>
    /// <param name="strength">λ, or its initial value where it is learned; 0 for no pull.</param>
    /// <param name="learned">One learned λ per parameter instead of one fixed number.</param>
    /// <param name="perRow">Whether the support rows share the pull.</param>
    /// <exception cref="ArgumentNullException"><paramref name="fast"/> is no list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The strength is negative, or 0 where it is learned.</exception>
    public Consolidation(ImmutableArray<ParameterSpec> fast, double strength, bool learned, bool perRow = false)
    {
        if (fast.IsDefault)
        {
            throw new ArgumentNullException(nameof(fast));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(strength);
        if (learned && strength == 0)
        {
            throw Throw.Option(nameof(strength), strength, "above 0 to be learned");
        }

        _perRow = perRow;
        _fast = fast;
        _strength = strength;
        _learned = learned;
        Slow = [.. fast.Select(f => f with { Name = Omega(f.Name) }),
            .. learned
                ? fast.Select(f => new ParameterSpec(LogLambda(f.Name), f.Shape)
                {
                    InitialMean = Math.Log(strength), IsPerClass = f.IsPerClass,
                })
                : []];
    }

    /// <summary>ω and, where it is learned, log λ: the slow parameters to add to <see cref="ILearner.Slow"/>.</summary>
    public ImmutableArray<ParameterSpec> Slow { get; }

    /// <summary>Name of the consolidated value ω of a fast parameter.</summary>
    /// <param name="fast">Name of the fast parameter.</param>
    public static string Omega(string fast) => $"omega.{fast}";

    internal static string LogLambda(string fast) => $"log_lambda.{fast}";

    private static string Lambda(string fast) => $"lambda.{fast}";

    /// <summary>What <see cref="ILearner.Consolidated"/> adds for them: ω as it is, λ = exp(log λ).</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="theta">θ.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    public IEnumerable<(string Name, V Value)> Consolidated<V>(Ops<V> ops, NamedValues<V> theta)
    {
        foreach (var fast in _fast)
        {
            yield return (Omega(fast.Name), theta[Omega(fast.Name)]);
            yield return (Lambda(fast.Name), _learned ? ops.Exp(theta[LogLambda(fast.Name)]) : ops.Scalar(_strength));
        }
    }

    /// <summary>λ/n for tasks of n support rows, where rows share the pull.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="consolidated">What <see cref="Consolidated"/> gave.</param>
    /// <param name="support">The support rows, with their shares of the loss.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    public NamedValues<V> InTask<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support)
    {
        if (!_perRow || _strength == 0)
        {
            return consolidated;
        }

        // Σ w² / (Σ w)² of n equal shares is 1/n, one over Kish's effective sample size; padding and missing targets add nothing.
        var weights = support.Weights;
        var sum = SumOfTask(weights);
        var share = ops.Divide(SumOfTask(ops.Multiply(weights, weights)), ops.Multiply(sum, sum));
        var lambdas = _fast.Select(fast => Lambda(fast.Name)).ToHashSet();
        return consolidated.With(
            [.. consolidated.Names.Select(name => lambdas.Contains(name) ? ops.Multiply(consolidated[name], share) : consolidated[name])]);

        // [.., rows, outputs] → [.., 1, 1]
        V SumOfTask(V values) => ops.SumLast(ops.Transpose(ops.SumLast(values)));
    }

    /// <summary>φ = ω for every task and class.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="consolidated">What <see cref="Consolidated"/> gave.</param>
    /// <param name="support">The support rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) => new(
        [.. _fast.Select(f => f.Name)],
        _fast.Select(f =>
        {
            var perTask = ops.PerTask(consolidated[Omega(f.Name)], support.Targets);
            return f.IsPerClass ? ops.RepeatColumn(perTask, support.Targets) : perTask;
        }).ToArray());

    /// <summary>loss + ½ Σ λ (φ − ω)².</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="loss">The data term, rank 0.</param>
    /// <param name="phi">φ; may have more parameters than those that are consolidated.</param>
    /// <param name="consolidated">What <see cref="InTask"/> gave.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    public V AddEnergy<V>(Ops<V> ops, V loss, NamedValues<V> phi, NamedValues<V> consolidated)
    {
        if (_strength == 0)
        {
            return loss;
        }

        foreach (var fast in _fast)
        {
            loss = ops.Add(loss, ops.QuadraticPull(phi[fast.Name], consolidated[Omega(fast.Name)], consolidated[Lambda(fast.Name)]));
        }

        return loss;
    }

    /// <summary>gradient + λ (φ − ω): the pull's part of ∂φ, for learners with <see cref="IOwnDynamics"/>.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="gradient">A gradient in the order of the fast parameters.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="InTask"/> gave.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    public V[] AddPull<V>(Ops<V> ops, V[] gradient, NamedValues<V> phi, NamedValues<V> consolidated) => _strength == 0
        ? gradient
        :
        [
            .. _fast.Zip(
                gradient,
                (f, g) => ops.Add(g, ops.Multiply(ops.Subtract(phi[f.Name], consolidated[Omega(f.Name)]), consolidated[Lambda(f.Name)]))),
        ];

    /// <summary>
    /// The local closed form of ∂θ of the energy at fixed φ, summed over tasks and classes: ∂ω = λ(ω − φ), ∂log λ = ½ λ (φ − ω)².
    /// A synapse needs nothing but its own states for it.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="InTask"/> gave.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    public NamedValues<V> SlowGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated)
    {
        var omegas = new List<V>();
        var logLambdas = new List<V>();
        foreach (var fast in _fast)
        {
            var (omega, lambda) = (consolidated[Omega(fast.Name)], consolidated[Lambda(fast.Name)]);
            var distance = ops.Subtract(omega, phi[fast.Name]);
            omegas.Add(ops.SumTo(ops.Multiply(distance, lambda), omega));
            if (_learned)
            {
                logLambdas.Add(ops.Scale(ops.SumTo(ops.Multiply(ops.Multiply(distance, distance), lambda), omega), 0.5));
            }
        }

        return new NamedValues<V>([.. Slow.Select(s => s.Name)], [.. omegas, .. logLambdas]);
    }
}
