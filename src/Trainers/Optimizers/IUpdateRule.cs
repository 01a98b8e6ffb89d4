namespace MLNetMeta.Trainers;

/// <summary>An optimiser as a pure pair: an initial state, and (parameters, gradient, state) → (parameters, state).</summary>
/// <remarks>
/// It is written in <see cref="ElementwiseOps{V}"/>, so the same code updates fast parameters in TorchSharp and in the graph of the learner
/// file, and slow parameters in managed memory, where they are one long vector. Members must be pure. Pass a rule of one's own to
/// <see cref="Optimizer.Custom"/>.
/// </remarks>
public interface IUpdateRule
{
    /// <summary>The state before the first step.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">The parameters.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    OptimizerState<V> Initial<V>(ElementwiseOps<V> ops, V[] parameters);

    /// <summary>One step.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="parameters">Current parameters.</param>
    /// <param name="gradient">Gradient, in the same order.</param>
    /// <param name="state">State before the step.</param>
    /// <param name="learningRate">Step size of this step.</param>
    /// <typeparam name="V">Type of the backend's values.</typeparam>
    (V[] Parameters, OptimizerState<V> State) Step<V>(
        ElementwiseOps<V> ops, V[] parameters, V[] gradient, OptimizerState<V> state, double learningRate);
}
