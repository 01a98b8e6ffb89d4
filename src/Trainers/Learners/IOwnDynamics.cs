using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// A learner that says itself where its fast parameters go, by a learning rule of its own,
/// instead of leaving its losses to be differentiated.
/// </summary>
/// <remarks>
/// The learner gives what takes the place of ∂φ L_in and ∂φ L_out; how they are combined,
/// and by which optimiser followed, it does not know.
/// </remarks>
internal interface IOwnDynamics
{
    /// <summary>In place of ∂φ L_in on the support rows, in the order of <see cref="ILearner.Fast"/>; every task its own.</summary>
    V[] LearningGradient<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support);

    /// <summary>In place of ∂φ L_out on the query rows.</summary>
    V[] EvaluationGradient<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query);
}
