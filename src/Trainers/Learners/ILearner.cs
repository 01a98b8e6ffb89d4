using System.Collections.Immutable;

namespace MLNetMeta.Trainers;

/// <summary>
/// A learning algorithm: fast parameters φ that learn a task, slow parameters θ that are meta-trained, and two losses.
/// </summary>
/// <remarks>
/// <para>
/// Adaptation minimises the learning loss L_in(φ, θ) on the support rows over φ; meta-training minimises the evaluation loss L_out(φ, θ) on
/// the query rows over θ. A learner knows neither how φ is optimised nor how θ is. It is written once in <see cref="Ops{V}"/>, and then
/// trains in TorchSharp and in ONNX Runtime, adapts in apps, and exports.
/// </para>
/// <para>
/// Losses are a mean over rows (<see cref="Rows{V}.Weights"/>) and a sum over tasks, so that one gradient gives every task its own. φ has a
/// task axis in front, θ has none. Members must be pure: the same result for the same arguments, and no state.
/// </para>
/// <para>
/// Fast parameters whose names begin with <c>head.</c> must be those of a linear readout: meta-training calibrates the probabilities of
/// classes by dividing them by a temperature.
/// </para>
/// <para>
/// Give a learner of one's own to <c>ml.MetaLearning().Regression.Custom</c> or <c>Classification.Custom</c>, and check it with
/// <c>LearnerContract</c> of MLNetMeta.Trainers.Testing. A learner may also implement <see cref="ISynapticLearner"/> or
/// <see cref="IOwnDynamics"/>.
/// </para>
/// </remarks>
public interface ILearner
{
    /// <summary>The kind of learner as written to the learner file. Default: the name of the type.</summary>
    string Kind => GetType().Name;

    /// <summary>What the learner file says of the network.</summary>
    INetworkDescription Network { get; }

    /// <summary>The data term of both losses.</summary>
    TaskLoss Loss { get; }

    /// <summary>Number of outputs of <see cref="Predict"/>; null for one for each class of the task at hand.</summary>
    int? Outputs { get; }

    /// <summary>θ: the slow parameters.</summary>
    ImmutableArray<ParameterSpec> Slow { get; }

    /// <summary>φ: the fast parameters.</summary>
    ImmutableArray<ParameterSpec> Fast { get; }

    /// <summary>
    /// θ as the inner loop uses it, such as λ = exp(log λ): computed once for a phase. Default: θ as it is.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="theta">θ.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => theta;

    /// <summary>
    /// Consolidated θ for tasks with these support rows, computed once for a phase: what depends on the rows but not on φ, such as a pull
    /// that weakens with their number. Only <see cref="InitialFast"/> and <see cref="LearningLoss"/> may read what it changes: a prediction
    /// is made without support rows. Default: consolidated θ as it is.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="consolidated">What <see cref="Consolidated"/> gave.</param>
    /// <param name="support">The support rows, not encoded.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    NamedValues<V> InTask<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) => consolidated;

    /// <summary>
    /// φ before learning, in the order of <see cref="Fast"/>: with the task axis of the support rows, and as many columns as their targets
    /// where a parameter is per class. See <see cref="Ops{V}.PerTask"/> and <see cref="Ops{V}.RepeatColumn"/>.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="consolidated">What <see cref="InTask"/> gave.</param>
    /// <param name="support">The encoded support rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support);

    /// <summary>
    /// What the inner optimiser gets for the gradient ∂φ L: the gradient itself, the default, or scaled by learned step sizes.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="gradient">The gradient, in the order of <see cref="Fast"/>.</param>
    /// <param name="consolidated">What <see cref="InTask"/> gave.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V[] Direction<V>(Ops<V> ops, V[] gradient, NamedValues<V> consolidated) => gradient;

    /// <summary>
    /// The part of a prediction that does not depend on φ, computed once and not in every inner step. Default: the features themselves.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="consolidated">What <see cref="Consolidated"/> gave.</param>
    /// <param name="features"><c>[.., rows, features]</c>.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V Encode<V>(Ops<V> ops, NamedValues<V> consolidated, V features) => features;

    /// <summary>
    /// Predictions <c>[.., rows, outputs]</c>: logits for <see cref="TaskLoss.CrossEntropy"/>, else standardised targets. A prediction must
    /// depend on its own row only.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="Consolidated"/> gave.</param>
    /// <param name="encoded">What <see cref="Encode"/> gave.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded);

    /// <summary>
    /// L_in(φ, θ) on the support rows, summed over tasks; rank 0. The contrastive rule needs a loss that adaptation can converge on, and
    /// whose minimum depends on all slow parameters, such as one with a pull of φ to θ: see <see cref="Consolidation"/>.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="InTask"/> gave.</param>
    /// <param name="support">The encoded support rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support);

    /// <summary>
    /// L_out(φ, θ) on the query rows, summed over tasks; rank 0. Default: <see cref="Loss"/> of the predictions.
    /// </summary>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="Consolidated"/> gave.</param>
    /// <param name="query">The encoded query rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V EvaluationLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        Loss.Of(ops, Predict(ops, phi, consolidated, query.Features), query);
}
