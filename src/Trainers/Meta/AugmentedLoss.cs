using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Meta;

/// <summary>The augmented loss 𝓛_β(φ, θ) = L_in(φ, θ) + β L_out(φ, θ) and its two partial gradients (paper, eq. 3).</summary>
internal static class AugmentedLoss
{
    public static V Value<V>(
        IOps<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support, Rows<V> query, double beta)
    {
        var loss = learner.LearningLoss(ops, phi, consolidated, support);
        return beta == 0 ? loss : ops.AddScaled(loss, learner.EvaluationLoss(ops, phi, consolidated, query), beta);
    }

    /// <summary>∂φ 𝓛_β: what the inner optimiser descends. Every task gets its own gradient.</summary>
    public static V[] FastGradient<V>(
        IOps<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support, Rows<V> query, double beta)
    {
        var tape = new Tape<V>(ops);
        var leaves = tape.Leaves(phi);
        var loss = Value(tape, learner, leaves, tape.Constants(consolidated), Constant(tape, support), Constant(tape, query), beta);
        return tape.Gradient(loss, leaves.Values);
    }

    /// <summary>∂θ 𝓛_β, partial: φ is held fixed. Summed over tasks.</summary>
    public static V[] SlowGradient<V>(
        IOps<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> theta, Rows<V> support, Rows<V> query, double beta)
    {
        if (learner is ISynapticLearner { IsLocal: true } synaptic)
        {
            return synaptic.LocalSlowGradient(ops, phi, learner.Consolidated(ops, theta)).Values;
        }

        return GenericSlowGradient(ops, learner, phi, theta, support, query, beta);
    }

    /// <summary>The slow gradient by differentiation, for any learner.</summary>
    public static V[] GenericSlowGradient<V>(
        IOps<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> theta, Rows<V> support, Rows<V> query, double beta)
    {
        var tape = new Tape<V>(ops);
        var leaves = tape.Leaves(theta);
        var consolidated = learner.Consolidated(tape, leaves);
        var loss = Value(tape, learner, tape.Constants(phi), consolidated, Constant(tape, support), Constant(tape, query), beta);
        return tape.Gradient(loss, leaves.Values);
    }

    /// <summary>∂φ L_out.</summary>
    public static V[] EvaluationFastGradient<V>(IOps<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query)
    {
        var tape = new Tape<V>(ops);
        var leaves = tape.Leaves(phi);
        return tape.Gradient(learner.EvaluationLoss(tape, leaves, tape.Constants(consolidated), Constant(tape, query)), leaves.Values);
    }

    /// <summary>∂θ L_out, partial: φ is held fixed. Summed over tasks.</summary>
    public static V[] EvaluationSlowGradient<V>(IOps<V> ops, ILearner learner, NamedValues<V> phi, NamedValues<V> theta, Rows<V> query)
    {
        var tape = new Tape<V>(ops);
        var leaves = tape.Leaves(theta);
        var loss = learner.EvaluationLoss(tape, tape.Constants(phi), learner.Consolidated(tape, leaves), Constant(tape, query));
        return tape.Gradient(loss, leaves.Values);
    }

    private static Rows<Tracked<V>> Constant<V>(Tape<V> tape, Rows<V> rows) =>
        new(tape.Constant(rows.Features), tape.Constant(rows.Targets), tape.Constant(rows.Weights));
}
