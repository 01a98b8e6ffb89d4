using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Optimizers;

/// <summary>Adam (Kingma and Ba, 2015), with the bias corrections folded into the step size as in the paper's section 2.</summary>
/// <remarks>
/// p ← p − η √(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε √(1−β₂ᵗ)). The powers βᵗ are part of the state, so that a graph can carry them.
/// </remarks>
internal sealed class AdamRule(double beta1, double beta2, double epsilon) : IUpdateRule
{
    public OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters) => new(
        [ops.Scalar(1), ops.Scalar(1)],
        Array.ConvertAll(parameters, p => new[] { ops.ZerosLike(p), ops.ZerosLike(p) }));

    public (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate)
    {
        var power1 = ops.Scale(state.Shared[0], beta1);
        var power2 = ops.Scale(state.Shared[1], beta2);
        var correction2 = ops.Sqrt(OneMinus(power2));
        var rate = ops.Scale(ops.Divide(correction2, OneMinus(power1)), -learningRate);
        var floor = ops.Scale(correction2, epsilon);

        var updated = new V[parameters.Length];
        var moments = new V[parameters.Length][];
        for (var i = 0; i < updated.Length; i++)
        {
            var mean = ops.AddScaled(ops.Scale(state.PerParameter[i][0], beta1), gradient[i], 1 - beta1);
            var square = ops.AddScaled(ops.Scale(state.PerParameter[i][1], beta2), ops.Multiply(gradient[i], gradient[i]), 1 - beta2);
            var direction = ops.Divide(mean, ops.Add(ops.Sqrt(square), floor));
            updated[i] = ops.Add(parameters[i], ops.Multiply(direction, rate));
            moments[i] = [mean, square];
        }

        return (updated, new OptimizerState<V>([power1, power2], moments));

        V OneMinus(V v) => ops.Shift(ops.Scale(v, -1), 1);
    }
}
