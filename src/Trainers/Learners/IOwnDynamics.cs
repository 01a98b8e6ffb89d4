using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Learners;

/// <summary>A learner whose fast parameters follow a learning rule of their own instead of the gradient of its losses.</summary>
/// <remarks>The learner gives what takes the place of ∂φ L_in and ∂φ L_out; how they are combined, and by which optimiser followed, it does not know.</remarks>
internal interface IOwnDynamics
{
    /// <summary>Whether that is so for this configuration.</summary>
    bool HasOwnDynamics { get; }

    /// <summary>In place of ∂φ L_in on the support rows, in the order of <see cref="ILearner.Fast"/>; every task its own.</summary>
    V[] LearningGradient<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support);

    /// <summary>In place of ∂φ L_out on the query rows.</summary>
    V[] EvaluationGradient<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query);
}
