using System.Collections.Immutable;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>
/// A spiking network whose weights learn a task by e-prop and are consolidated in hidden states of their own (paper, section 5.4).
/// </summary>
/// <remarks>
/// L_in = ℓ_support(φ) + R(φ) + ½ Σ λᵢ (ωᵢ − φᵢ)², L_out = ℓ_query(φ), θ = {ω, λ}, see <see cref="SpikingObjective"/>. Learning a task is
/// local in space and time, and the meta-gradient local to each synapse: no error is ever propagated through the network or through time.
/// </remarks>
internal sealed class SpikingSynapse : ILearner, ISynapticLearner, IOwnDynamics
{
    private readonly SpikingObjective _objective;
    private readonly SpikingRule _rule;
    private readonly Consolidation _consolidation;

    /// <param name="objective">The network and what it is to do.</param>
    /// <param name="rule">How it learns a task.</param>
    /// <param name="strength">λ, or its initial value where it is learned; 0 for no pull.</param>
    /// <param name="learnStrength">One learned λ per synapse instead of one fixed number.</param>
    public SpikingSynapse(SpikingObjective objective, SpikingRule rule, double strength, bool learnStrength)
    {
        _objective = objective;
        _rule = rule;
        Fast = objective.Net.Weights;
        _consolidation = new Consolidation(Fast, strength, learnStrength);
        Slow = _consolidation.Slow;
    }

    public string Kind => "SpikingNetwork";

    public INetworkDescription Network => _objective.Net;

    public TaskLoss Loss => TaskLoss.SquaredError;

    public int? Outputs => _objective.Net.Outputs;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public bool IsLocal => true;

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => NamedValues.Of(_consolidation.Consolidated(ops, theta));

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InitialFast(ops, consolidated, support);

    public V Encode<V>(Ops<V> ops, NamedValues<V> consolidated, V features) => _objective.Net.Encode(ops, features);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) =>
        _objective.Net.Predict(ops, name => phi[name], encoded);

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, _objective.Loss(ops, name => phi[name], support, regularized: true), phi, consolidated);

    public V EvaluationLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        _objective.Loss(ops, name => phi[name], query, regularized: false);

    public V[] LearningGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddPull(ops, Gradient(ops, phi, support, regularized: true), phi, consolidated);

    public V[] EvaluationGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        Gradient(ops, phi, query, regularized: false);

    public NamedValues<V> LocalSlowGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated) =>
        _consolidation.SlowGradient(ops, phi, consolidated);

    private V[] Gradient<V>(Ops<V> ops, NamedValues<V> phi, Rows<V> rows, bool regularized) => _rule switch
    {
        SpikingRule.EProp => EligibilityPropagation.Gradient(ops, _objective, name => phi[name], rows, regularized),
        SpikingRule.OnlineEProp => OnlineEligibilityPropagation.Gradient(ops, _objective, name => phi[name], rows, regularized),
        _ => BackpropagationThroughTime.Gradient(ops, _objective, name => phi[name], rows, regularized),
    };
}
