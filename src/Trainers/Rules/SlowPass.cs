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
    private readonly Tape<V> _beforeRows;
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
        Consolidated = _consolidated.Select(value => value.Value);
        _beforeRows = _tape.Fork();
        (_support, _query) = (Encoded(support), Encoded(query));
    }

    private SlowPass(SlowPass<V> whole, Rows<V> support, Rows<V> query)
    {
        (_tape, _beforeRows, _learner) = (whole._beforeRows.Fork(), whole._beforeRows, whole._learner);
        (_theta, _consolidated, Consolidated) = (whole._theta, whole._consolidated, whole.Consolidated);
        (_support, _query) = (Encoded(support), Encoded(query));
    }

    /// <summary>The same for a mini-batch of the rows; a pull that depends on how many rows a task has stays as it is.</summary>
    public SlowPass<V> Of(Rows<V> support, Rows<V> query) => new(this, support, query);

    /// <summary>What φ is pulled to, and how strongly.</summary>
    public NamedValues<V> Consolidated { get; }

    /// <summary>Support rows as the losses take them.</summary>
    public Rows<V> Support => Values(_support);

    /// <summary>Query rows as the losses take them.</summary>
    public Rows<V> Query => Values(_query);

    /// <summary>Σ weight · ∂θ 𝓛_β over ends of phases, partial: each φ is held fixed. Summed over tasks.</summary>
    public V[] Gradient(IReadOnlyList<PhaseEnd<V>> ends) => Gradient(tape => ends
        .Select(end => tape.Scale(
            AugmentedLoss.Value(tape, _learner, tape.Constants(end.Phi), _consolidated, _support, _query, end.Beta), end.Weight))
        .Aggregate(tape.Add));

    /// <summary>∂θ L_out, partial: φ is held fixed. Summed over tasks.</summary>
    public V[] EvaluationGradient(NamedValues<V> phi) =>
        Gradient(tape => _learner.EvaluationLoss(tape, tape.Constants(phi), _consolidated, _query));

    /// <summary>(∂φ⁽⁰⁾/∂θ)ᵀ v: how the start of φ passes a gradient on to θ. Summed over tasks.</summary>
    public V[] StartProduct(V[] v) => Gradient(tape => _learner.InitialFast(tape, _consolidated, _support).Values
        .Zip(v, (start, along) => tape.WeightedSum(start, tape.Constant(along))).Aggregate(tape.Add));

    private V[] Gradient(Func<Tape<V>, Tracked<V>> loss)
    {
        var tape = _tape.Fork();
        return tape.Gradient(loss(tape), _theta.Values);
    }

    private Rows<Tracked<V>> Encoded(Rows<V> rows)
    {
        var encoded = AugmentedLoss.Encode(_tape, _learner, _consolidated, _tape.Constants(rows));

        // Computed now: later, it would belong to the scope of whoever asks first.
        _ = encoded.Features.Value;
        return encoded;
    }

    private static Rows<V> Values(Rows<Tracked<V>> rows) => new(rows.Features.Value, rows.Targets.Value, rows.Weights.Value);
}
