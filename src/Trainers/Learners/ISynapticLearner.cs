namespace MLNetMeta.Trainers;

/// <summary>
/// A learner whose slow gradient ∂θ(L_in + β L_out) is the same for every β and has a closed form that needs no data, only the states of
/// each synapse (paper, section 3.3).
/// </summary>
public interface ISynapticLearner
{
    /// <summary>Whether that is so for this configuration. Where it is not, the gradient is computed by differentiation.</summary>
    bool IsLocal { get; }

    /// <summary>∂θ L_in(φ, θ) at fixed φ, summed over tasks, in the order of <see cref="ILearner.Slow"/>; ∂θ L_out is zero.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="ILearner.InTask"/> gave.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    NamedValues<V> LocalSlowGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated);
}
