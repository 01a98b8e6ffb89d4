using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// A learner whose slow gradient ∂θ(L_in + β L_out) is the same for every β and needs no data, only the states of each synapse.
/// </summary>
internal interface ISynapticLearner
{
    /// <summary>Whether that is so for this configuration.</summary>
    bool IsLocal { get; }

    /// <summary>∂θ L_in(φ, θ) at fixed φ, summed over tasks, in the order of <see cref="ILearner.Slow"/>; ∂θ L_out is zero.</summary>
    NamedValues<V> LocalSlowGradient<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated);
}
