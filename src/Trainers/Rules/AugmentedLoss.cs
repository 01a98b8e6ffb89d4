using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Rules;

/// <summary>The augmented loss 𝓛_β(φ, θ) = L_in(φ, θ) + β L_out(φ, θ) and its two partial gradients (paper, eq. 3).</summary>
/// <remarks>
/// Fast gradients, of which there are many with one θ, take rows as <see cref="Encode"/> returns them; slow ones take them raw.
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
    public static V[] SlowGradient<V>(
        Ops<V> ops, ILearner learner, IReadOnlyList<PhaseEnd<V>> ends, NamedValues<V> theta, Rows<V> support, Rows<V> query)
    {
        if (learner is not ISynapticLearner { IsLocal: true } synaptic)
        {
            return GenericSlowGradient(ops, learner, ends, theta, support, query);
        }

        var consolidated = learner.InTask(ops, learner.Consolidated(ops, theta), support);
        return ends
            .Select(end => Array.ConvertAll(synaptic.LocalSlowGradient(ops, end.Phi, consolidated).Values, g => ops.Scale(g, end.Weight)))
            .Aggregate((sum, next) => [.. sum.Zip(next, ops.Add)]);
    }

    /// <summary>
    /// The slow gradient by differentiation, for any learner: one pass through what does not depend on φ serves all phases.
    /// </summary>
    public static V[] GenericSlowGradient<V>(
        Ops<V> ops, ILearner learner, IReadOnlyList<PhaseEnd<V>> ends, NamedValues<V> theta, Rows<V> support, Rows<V> query)
    {
        var tape = new Tape<V>(ops);
        var leaves = tape.Leaves(theta);
        var rows = tape.Constants(support);
        var consolidated = learner.InTask(tape, learner.Consolidated(tape, leaves), rows);
        var (encodedSupport, encodedQuery) = (
            Encode(tape, learner, consolidated, rows), Encode(tape, learner, consolidated, tape.Constants(query)));
        var loss = ends
            .Select(
                end => tape.Scale(
                    Value(tape, learner, tape.Constants(end.Phi), consolidated, encodedSupport, encodedQuery, end.Beta), end.Weight))
            .Aggregate(tape.Add);
        return tape.Gradient(loss, leaves.Values);
    }

    /// <summary>∂φ L_out, or what the learner has in its place.</summary>
    public static V[] EvaluationFastGradient<V>(
        Ops<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query)
    {
        return learner is IOwnDynamics own
            ? own.EvaluationGradient(ops, phi, consolidated, query)
            : learner.OfEvaluationLoss(ops, phi, consolidated, query);
    }

    /// <summary>∂θ L_out, partial: φ is held fixed. Summed over tasks.</summary>
    public static V[] EvaluationSlowGradient<V>(Ops<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> theta, Rows<V> query)
    {
        var tape = new Tape<V>(ops);
        var leaves = tape.Leaves(theta);
        var consolidated = learner.Consolidated(tape, leaves);
        var loss = learner.EvaluationLoss(
            tape, tape.Constants(phi), consolidated, Encode(tape, learner, consolidated, tape.Constants(query)));
        return tape.Gradient(loss, leaves.Values);
    }
}
