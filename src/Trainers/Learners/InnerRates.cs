using System.Collections.Immutable;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// A learned factor on the inner step size of every fast parameter (Meta-SGD, Li et al., 2017);
/// held as its logarithm, so that steps stay descents.
/// </summary>
/// <remarks>An equilibrium does not depend on step sizes: only a rule that differentiates the steps can learn them.</remarks>
internal sealed class InnerRates(ImmutableArray<ParameterSpec> fast, bool learned)
{
    /// <summary>Logarithms of the factors, initially 0; none where they are not learned.</summary>
    public ImmutableArray<ParameterSpec> Slow { get; } =
        learned ? [.. fast.Select(f => new ParameterSpec($"log_rate.{f.Name}", f.Shape) { IsPerClass = f.IsPerClass })] : [];

    public IEnumerable<(string Name, V Value)> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) =>
        learned ? fast.Select(f => ($"rate.{f.Name}", ops.Exp(theta[$"log_rate.{f.Name}"]))) : [];

    public V[] Direction<V>(Ops<V> ops, V[] gradient, NamedValues<V> consolidated) =>
        learned ? [.. fast.Zip(gradient, (f, g) => ops.Multiply(g, consolidated[$"rate.{f.Name}"]))] : gradient;
}
