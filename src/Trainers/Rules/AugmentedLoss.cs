using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Rules;

/// <summary>The augmented loss 𝓛_β(φ, θ) = L_in(φ, θ) + β L_out(φ, θ) and its two partial gradients (paper, eq. 3).</summary>
/// <remarks>
/// Fast gradients, of which there are many with one θ, take rows as <see cref="Encode"/> returns them; slow ones go back through the pass
/// that encoded them, a <see cref="SlowPass{V}"/>.
/// </remarks>
internal static class AugmentedLoss
{
    /// <summary>Rows as the losses take them: what does not depend on φ is computed.</summary>
    public static Rows<V> Encode<V>(Ops<V> ops, ILearner learner, NamedValues<V> consolidated, Rows<V> rows) =>
        rows with { Features = learner.Encode(ops, consolidated, rows.Features) };

    public static V Value<V>(
        Ops<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support, Rows<V> query, double beta)
    {
        var loss = learner.LearningLoss(ops, phi, consolidated, support);
        return beta == 0 ? loss : ops.AddScaled(loss, learner.EvaluationLoss(ops, phi, consolidated, query), beta);
    }

    /// <summary>
    /// ∂φ 𝓛_β, or what the learner has in its place: what the inner optimiser descends. Every task gets its own gradient.
    /// </summary>
    public static V[] FastGradient<V>(
        Ops<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support, Rows<V> query, double beta)
    {
        if (learner is IOwnDynamics own)
        {
            var learning = own.LearningGradient(ops, phi, consolidated, support);
            return beta == 0
                ? learning
                : [.. learning.Zip(own.EvaluationGradient(ops, phi, consolidated, query), (l, e) => ops.AddScaled(l, e, beta))];
        }

        var tape = new Tape<V>(ops);
        var leaves = tape.Leaves(phi);
        var loss = Value(tape, learner, leaves, tape.Constants(consolidated), tape.Constants(support), tape.Constants(query), beta);
        return tape.Gradient(loss, leaves.Values);
    }

    /// <summary>Σ weight · ∂θ 𝓛_β over ends of phases, partial: each φ is held fixed. Summed over tasks.</summary>
    /// <param name="ops">Backend.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="ends">The ends.</param>
    /// <param name="pass">Learner and rows, as they were recorded.</param>
    public static V[] SlowGradient<V>(Ops<V> ops, ILearner learner, IReadOnlyList<PhaseEnd<V>> ends, SlowPass<V> pass) =>
        learner is not ISynapticLearner { IsLocal: true } synaptic
            ? pass.Gradient(ends)
            : ends
                .Select(end => Array.ConvertAll(
                    synaptic.LocalSlowGradient(ops, end.Phi, pass.Consolidated).Values, g => ops.Scale(g, end.Weight)))
                .Aggregate((sum, next) => [.. sum.Zip(next, ops.Add)]);

    /// <summary>∂φ L_out, or what the learner has in its place.</summary>
    public static V[] EvaluationFastGradient<V>(
        Ops<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query)
    {
        return learner is IOwnDynamics own
            ? own.EvaluationGradient(ops, phi, consolidated, query)
            : learner.OfEvaluationLoss(ops, phi, consolidated, query);
    }
}
