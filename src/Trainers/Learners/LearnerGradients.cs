using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>
/// Gradients of a learner's losses with respect to its fast parameters, for learners with <see cref="IOwnDynamics"/> that start from them:
/// preconditioned, masked, or replaced by their signs.
/// </summary>
public static class LearnerGradients
{
    /// <summary>∂φ L_in on the support rows, in the order of <see cref="ILearner.Fast"/>; every task its own.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="ILearner.InTask"/> gave.</param>
    /// <param name="support">The encoded support rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static V[] OfLearningLoss<V>(
        this ILearner learner, Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support)
    {
        var (tape, leaves) = Record(learner, ops, phi, consolidated);
        return tape.Gradient(
            learner.LearningLoss(tape, leaves, tape.Constants(consolidated), tape.Constants(support)), leaves.Values);
    }

    /// <summary>∂φ L_out on the query rows.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="ops">The operators.</param>
    /// <param name="phi">φ.</param>
    /// <param name="consolidated">What <see cref="ILearner.InTask"/> gave.</param>
    /// <param name="query">The encoded query rows.</param>
    /// <typeparam name="V">A value of the backend.</typeparam>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static V[] OfEvaluationLoss<V>(
        this ILearner learner, Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query)
    {
        var (tape, leaves) = Record(learner, ops, phi, consolidated);
        return tape.Gradient(
            learner.EvaluationLoss(tape, leaves, tape.Constants(consolidated), tape.Constants(query)), leaves.Values);
    }

    private static (Tape<V> Tape, NamedValues<Tracked<V>> Leaves) Record<V>(
        ILearner learner, Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(ops);
        ArgumentNullException.ThrowIfNull(phi);
        ArgumentNullException.ThrowIfNull(consolidated);
        var tape = new Tape<V>(ops);
        return (tape, tape.Leaves(phi));
    }
}
