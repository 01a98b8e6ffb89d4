using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Optimizers;

/// <summary>An optimiser as a pure pair: an initial state, and (parameters, gradient, state) → (parameters, state).</summary>
/// <remarks>
/// Written in <see cref="IElementwiseOps{V}"/>: the same code updates φ in torch, θ in managed memory, and φ in the learner file's graph.
/// </remarks>
internal interface IUpdateRule
{
    OptimizerState<V> Initial<V>(IElementwiseOps<V> ops, V[] parameters);

    /// <param name="ops">The backend.</param>
    /// <param name="parameters">Current parameters.</param>
    /// <param name="gradient">Gradient, in the same order.</param>
    /// <param name="state">State before the step.</param>
    /// <param name="learningRate">Step size of this step.</param>
    (V[] Parameters, OptimizerState<V> State) Step<V>(
        IElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate);
}
