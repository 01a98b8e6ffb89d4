namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>An optimiser of a user: p ← p − η g / (damping + √mean g²), and a shared count that nothing needs.</summary>
internal sealed record DampedRule(double Damping) : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) =>
        new([ops.Scalar(1)], Array.ConvertAll(parameters, p => new[] { ops.ZerosLike(p) }));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate)
    {
        V[] squares =
        [
            .. gradient.Zip(state.PerParameter, (g, slots) => ops.AddScaled(ops.Scale(slots[0], 0.5), ops.Multiply(g, g), 0.5)),
        ];
        return (
            [
                .. parameters.Zip(gradient, squares).Select(of => ops.AddScaled(
                    of.First, ops.Divide(of.Second, ops.Shift(ops.Sqrt(of.Third), Damping)), -learningRate)),
            ],
            new OptimizerState<V>([ops.Shift(state.Shared[0], 1)], Array.ConvertAll(squares, square => new[] { square })));
    }
}
