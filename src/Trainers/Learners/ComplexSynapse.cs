using System.Collections.Immutable;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Learners;

/// <summary>The complex synapse: every weight of the network is fast, and consolidated in hidden states of its own (paper, section 3.3).</summary>
/// <remarks>L_in = ℓ_support(φ) + ½ Σ λᵢ (ωᵢ − φᵢ)², L_out = ℓ_query(φ), θ = {ω, λ}. Its meta-gradient is local, see <see cref="ISynapticLearner"/>.</remarks>
internal sealed class ComplexSynapse : ILearner, ISynapticLearner
{
    private readonly Consolidation _consolidation;

    /// <param name="network">The network whose weights are fast.</param>
    /// <param name="loss">The data term of both losses.</param>
    /// <param name="strength">λ, or its initial value where it is learned; above 0.</param>
    /// <param name="learnStrength">One learned λ per synapse instead of one fixed number.</param>
    public ComplexSynapse(INetwork network, TaskLoss loss, double strength, bool learnStrength)
    {
        Network = network;
        Loss = loss;
        Fast = [.. network.Trunk, .. network.Head];
        _consolidation = new Consolidation(Fast, strength, learnStrength);
    }

    public string Kind => nameof(ComplexSynapse);

    public INetwork Network { get; }

    public TaskLoss Loss { get; }

    public ImmutableArray<ParameterSpec> Slow => _consolidation.Slow;

    public ImmutableArray<ParameterSpec> Fast { get; }

    public NamedValues<V> Consolidated<V>(IOps<V> ops, NamedValues<V> theta)
    {
        var values = _consolidation.Consolidated(ops, theta).ToArray();
        return new NamedValues<V>([.. values.Select(v => v.Name)], [.. values.Select(v => v.Value)]);
    }

    public NamedValues<V> InitialFast<V>(IOps<V> ops, NamedValues<V> consolidated, V targets) =>
        _consolidation.InitialFast(ops, consolidated, targets);

    public V Predict<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V features) =>
        Network.Forward(ops, name => phi[name], modulated: false, features);

    public V LearningLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), phi, consolidated);

    public V EvaluationLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        Loss.Of(ops, Predict(ops, phi, consolidated, query.Features), query);

    public NamedValues<V> LocalSlowGradient<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated) =>
        _consolidation.SlowGradient(ops, phi, consolidated);
}
