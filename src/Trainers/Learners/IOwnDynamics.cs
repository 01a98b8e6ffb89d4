namespace MLNetMeta.Trainers;

/// <summary>
/// A learner whose fast parameters follow a learning rule of its own, such as e-prop, instead of the gradients of its losses.
/// </summary>
/// <remarks>
/// The learner gives what takes the place of ∂φ L_in and ∂φ L_out. How they are combined, and by which optimiser they are followed, it does
/// not know. <see cref="LearnerGradients"/> has the gradients themselves, to start from.
/// </remarks>
public interface IOwnDynamics
{
    /// <summary>In place of ∂φ L_in on the support rows, in the order of <see cref="ILearner.Fast"/>; every task its own.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="ILearner.InTask"/> gave.</param>
    /// <param name="support">The encoded support rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V[] LearningGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support);

    /// <summary>In place of ∂φ L_out on the query rows.</summary>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="ILearner.InTask"/> gave.</param>
    /// <param name="query">The encoded query rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    V[] EvaluationGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query);
}
