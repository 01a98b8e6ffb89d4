using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Optimizers;

/// <summary>Gradient descent with momentum: v ← μv + g; p ← p − ηv, or with Nesterov's look-ahead p ← p − η(g + μv).</summary>
internal sealed class MomentumRule(double momentum, bool nesterov) : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) =>
        new([], Array.ConvertAll(parameters, p => new[] { ops.ZerosLike(p) }));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate)
    {
        var updated = new V[parameters.Length];
        var velocities = new V[parameters.Length][];
        for (var i = 0; i < updated.Length; i++)
        {
            var velocity = ops.AddScaled(gradient[i], state.PerParameter[i][0], momentum);
            var direction = nesterov ? ops.AddScaled(gradient[i], velocity, momentum) : velocity;
            updated[i] = ops.AddScaled(parameters[i], direction, -learningRate);
            velocities[i] = [velocity];
        }

        return (updated, new OptimizerState<V>([], velocities));
    }
}
