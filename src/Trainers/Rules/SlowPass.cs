using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Rules;

/// <summary>
/// The pass from slow parameters through everything that does not depend on φ, recorded: phases take its result, and slow gradients go back
/// through it, so that a slow trunk computes its rows once.
/// </summary>
/// <remarks>Values are computed when it is created and belong to the scope of that moment.</remarks>
internal sealed class SlowPass<V>
{
    private readonly Tape<V> _tape;
    private readonly ILearner _learner;
    private readonly NamedValues<Tracked<V>> _theta;
    private readonly NamedValues<Tracked<V>> _consolidated;
    private readonly Rows<Tracked<V>> _support;
    private readonly Rows<Tracked<V>> _query;

    /// <param name="ops">Backend.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="theta">Its slow parameters.</param>
    /// <param name="support">Support rows, raw.</param>
    /// <param name="query">Query rows, raw.</param>
    /// <param name="ofTask">All support rows of the tasks, where <paramref name="support"/> is a mini-batch of them.</param>
    public SlowPass(Ops<V> ops, ILearner learner, NamedValues<V> theta, Rows<V> support, Rows<V> query, Rows<V>? ofTask = null)
    {
        (_tape, _learner) = (new Tape<V>(ops), learner);
        _theta = _tape.Leaves(theta);
        _consolidated = learner.InTask(_tape, learner.Consolidated(_tape, _theta), _tape.Constants(ofTask ?? support));
        _support = AugmentedLoss.Encode(_tape, learner, _consolidated, _tape.Constants(support));
        _query = AugmentedLoss.Encode(_tape, learner, _consolidated, _tape.Constants(query));
        Consolidated = _consolidated.Select(value => value.Value);
        Support = support with { Features = _support.Features.Value };
        Query = query with { Features = _query.Features.Value };
    }

    /// <summary>What φ is pulled to, and how strongly.</summary>
    public NamedValues<V> Consolidated { get; }

    /// <summary>Support rows as the losses take them.</summary>
    public Rows<V> Support { get; }

    /// <summary>Query rows as the losses take them.</summary>
    public Rows<V> Query { get; }

    /// <summary>Σ weight · ∂θ 𝓛_β over ends of phases, partial: each φ is held fixed. Summed over tasks.</summary>
    public V[] Gradient(IReadOnlyList<PhaseEnd<V>> ends) => Gradient(ends
        .Select(end => _tape.Scale(
            AugmentedLoss.Value(_tape, _learner, _tape.Constants(end.Phi), _consolidated, _support, _query, end.Beta), end.Weight))
        .Aggregate(_tape.Add));

    /// <summary>∂θ L_out, partial: φ is held fixed. Summed over tasks.</summary>
    public V[] EvaluationGradient(NamedValues<V> phi) =>
        Gradient(_learner.EvaluationLoss(_tape, _tape.Constants(phi), _consolidated, _query));

    private V[] Gradient(Tracked<V> loss) => _tape.Gradient(loss, _theta.Values);
}
