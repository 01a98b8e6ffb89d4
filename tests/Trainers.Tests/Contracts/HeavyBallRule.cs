namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>p ← p − η g + μ (p − last p): it keeps the parameters that it was given.</summary>
internal sealed record HeavyBallRule(double Momentum) : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) =>
        new([], Array.ConvertAll(parameters, p => new[] { p }));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate) => (
        [
            .. parameters.Zip(gradient, state.PerParameter).Select(of => ops.AddScaled(
                ops.AddScaled(of.First, of.Second, -learningRate), ops.Subtract(of.First, of.Third[0]), Momentum)),
        ],
        new OptimizerState<V>([], Array.ConvertAll(parameters, p => new[] { p })));
}
