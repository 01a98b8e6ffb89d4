namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>p ← p − η (g + α (p − start)): its state stays as it is.</summary>
internal sealed record PullToStartRule(double Strength) : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) =>
        new([], Array.ConvertAll(parameters, p => new[] { p }));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate) => (
        [
            .. parameters.Zip(gradient, state.PerParameter).Select(of => ops.AddScaled(
                of.First, ops.AddScaled(of.Second, ops.Subtract(of.First, of.Third[0]), Strength), -learningRate)),
        ],
        state);
}
