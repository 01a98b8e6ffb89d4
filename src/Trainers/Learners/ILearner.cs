using System.Collections.Immutable;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// A learning algorithm: fast parameters φ that learn a task, slow parameters θ that it is meta-trained for, and two losses.
/// </summary>
/// <remarks>
/// Losses are a MEAN over rows and a SUM over tasks, so that one backward pass gives every task its own gradient. θ is passed
/// as <see cref="Consolidated"/> returns it. A learner knows neither how φ is optimised nor how θ is.
/// </remarks>
internal interface ILearner
{
    /// <summary>The kind of learner as written to the learner file.</summary>
    string Kind { get; }

    /// <summary>What the learner file says of the network.</summary>
    INetworkDescription Network { get; }

    TaskLoss Loss { get; }

    /// <summary>θ: the slow parameters.</summary>
    ImmutableArray<ParameterSpec> Slow { get; }

    /// <summary>φ: the fast parameters.</summary>
    ImmutableArray<ParameterSpec> Fast { get; }

    /// <summary>θ as the inner loop uses it: derived values (such as λ = exp log λ), computed once per phase.</summary>
    NamedValues<V> Consolidated<V>(IOps<V> ops, NamedValues<V> theta);

    /// <summary>
    /// Consolidated θ as the phases of tasks with these support rows use it, computed once per phase: what depends on the rows but not on
    /// φ, such as a pull that weakens with their number.
    /// </summary>
    NamedValues<V> InTask<V>(IOps<V> ops, NamedValues<V> consolidated, Rows<V> support) => consolidated;

    /// <summary>
    /// φ before learning, from consolidated θ; the task axis and the number of classes are those of the encoded support rows.
    /// </summary>
    NamedValues<V> InitialFast<V>(IOps<V> ops, NamedValues<V> consolidated, Rows<V> support);

    /// <summary>What the inner optimiser is given for the gradient ∂φ L: the gradient itself, or scaled by learned step sizes.</summary>
    V[] Direction<V>(IOps<V> ops, V[] gradient, NamedValues<V> consolidated);

    /// <summary>
    /// The part of a prediction that φ has no part in, computed once and not in every inner
    /// step; the features themselves where there is none.
    /// </summary>
    V Encode<V>(IOps<V> ops, NamedValues<V> consolidated, V features);

    /// <summary>Encoded <c>[.., rows, features]</c> → <c>[.., rows, outputs]</c>.</summary>
    V Predict<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded);

    /// <summary>L_in(φ, θ) on the encoded support rows, summed over tasks; rank 0.</summary>
    V LearningLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support);

    /// <summary>L_out(φ, θ) on the encoded query rows, summed over tasks; rank 0.</summary>
    V EvaluationLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query);
}
