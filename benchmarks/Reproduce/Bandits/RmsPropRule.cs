namespace MLNetMeta.Reproduce.Bandits;

/// <summary>RMSProp (Tieleman and Hinton, 2012): s ← ρ s + (1 − ρ) g²; p ← p − η g / (√s + ε).</summary>
internal sealed class RmsPropRule(double decay = 0.9, double epsilon = 1e-5) : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) =>
        new([], Array.ConvertAll(parameters, p => new[] { ops.ZerosLike(p) }));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate)
    {
        var updated = new V[parameters.Length];
        var squares = new V[parameters.Length][];
        for (var i = 0; i < updated.Length; i++)
        {
            var square = ops.AddScaled(ops.Scale(state.PerParameter[i][0], decay), ops.Multiply(gradient[i], gradient[i]), 1 - decay);
            updated[i] = ops.AddScaled(parameters[i], ops.Divide(gradient[i], ops.Shift(ops.Sqrt(square), epsilon)), -learningRate);
            squares[i] = [square];
        }

        return (updated, new OptimizerState<V>([], squares));
    }
}
