using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Torch;

namespace MLNetMeta.Trainers.Optimizers;

/// <summary>What an optimiser remembers between two steps.</summary>
/// <param name="Shared">Rank-0 values that serve all parameters.</param>
/// <param name="PerParameter">For each parameter its slots, each of the parameter's shape.</param>
internal sealed record OptimizerState<V>(V[] Shared, V[][] PerParameter)
{
    /// <summary>All values in one fixed order.</summary>
    public V[] Flatten() => [.. Shared, .. PerParameter.SelectMany(p => p)];

    /// <summary>The same layout over other values, in the order of <see cref="Flatten"/>.</summary>
    public OptimizerState<U> With<U>(ReadOnlySpan<U> values)
    {
        var next = Shared.Length;
        var shared = values[..next].ToArray();
        var perParameter = new U[PerParameter.Length][];
        for (var i = 0; i < perParameter.Length; i++)
        {
            perParameter[i] = values.Slice(next, PerParameter[i].Length).ToArray();
            next += perParameter[i].Length;
        }

        return new OptimizerState<U>(shared, perParameter);
    }
}

/// <summary>An optimiser as a pure pair: an initial state, and (parameters, gradient, state) → (parameters, state).</summary>
/// <remarks>Written in <see cref="IOps{V}"/>: the same code updates φ in torch, θ in torch, and φ in the learner file's graph.</remarks>
internal interface IUpdateRule
{
    OptimizerState<V> Initial<V>(IOps<V> ops, V[] parameters);

    /// <param name="ops">The backend.</param>
    /// <param name="parameters">Current parameters.</param>
    /// <param name="gradient">Gradient, in the same order.</param>
    /// <param name="state">State before the step.</param>
    /// <param name="learningRate">Step size of this step.</param>
    (V[] Parameters, OptimizerState<V> State) Step<V>(IOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate);
}

internal static class UpdateRules
{
    /// <summary>The table of optimisers; a new one is a row here and a file.</summary>
    public static IUpdateRule Rule(this Optimizer optimizer) => optimizer.Kind switch
    {
        nameof(Optimizer.Adam) => new AdamRule(optimizer.Beta1, optimizer.Beta2, optimizer.Epsilon),
        nameof(Optimizer.Sgd) when optimizer.Momentum > 0 => new MomentumRule(optimizer.Momentum, optimizer.Nesterov),
        nameof(Optimizer.Sgd) => new SgdRule(),
        _ => throw new NotSupportedException($"Unknown optimiser '{optimizer.Kind}'."),
    };
}
