namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>The optimiser of docs/extending.md.</summary>
internal sealed record SignDescent : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) =>
        new([], Array.ConvertAll(parameters, _ => Array.Empty<V>()));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate) => (
        [.. parameters.Zip(
            gradient, (p, g) => ops.AddScaled(p, ops.Divide(g, ops.Sqrt(ops.Shift(ops.Multiply(g, g), 1e-6))), -learningRate))],
        state);
}
