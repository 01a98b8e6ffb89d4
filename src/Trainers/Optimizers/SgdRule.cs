using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Optimizers;

/// <summary>Gradient descent: p ← p − η g.</summary>
internal sealed class SgdRule : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) =>
        new([], Array.ConvertAll(parameters, _ => Array.Empty<V>()));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate)
    {
        var updated = new V[parameters.Length];
        for (var i = 0; i < updated.Length; i++)
        {
            updated[i] = ops.AddScaled(parameters[i], gradient[i], -learningRate);
        }

        return (updated, state);
    }
}
