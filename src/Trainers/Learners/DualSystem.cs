using System.Collections.Immutable;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Learners;

/// <summary>The dual system: a slow primary network, rapidly modulated for each task by gains and shifts of its units (paper, section 3.4).</summary>
/// <remarks>
/// <para>φ = {gains, shifts, readout}, θ = {trunk weights, and what φ starts from}. L_in = ℓ_support(φ, θ) + ½ λ Σ (φᵢ − ωᵢ)², L_out = ℓ_query(φ, θ).</para>
/// <para>The pull of φ to its meta-learned start ω is a part of L_in. Without it, updating the start would not follow any loss.</para>
/// </remarks>
internal sealed class DualSystem : ILearner
{
    private readonly Consolidation _consolidation;
    private readonly ImmutableArray<string> _trunk;

    /// <param name="network">The primary network.</param>
    /// <param name="loss">The data term of both losses.</param>
    /// <param name="strength">λ, or its initial value where it is learned; above 0.</param>
    /// <param name="learnStrength">One learned λ per fast parameter instead of one fixed number.</param>
    public DualSystem(INetwork network, TaskLoss loss, double strength, bool learnStrength)
    {
        Network = network;
        Loss = loss;
        Fast = [.. network.Modulation, .. network.Head];
        _consolidation = new Consolidation(Fast, strength, learnStrength);
        _trunk = [.. network.Trunk.Select(p => p.Name)];
        Slow = [.. network.Trunk, .. _consolidation.Slow];
    }

    public string Kind => nameof(DualSystem);

    public INetwork Network { get; }

    public TaskLoss Loss { get; }

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public NamedValues<V> Consolidated<V>(IOps<V> ops, NamedValues<V> theta)
    {
        var hidden = _consolidation.Consolidated(ops, theta).ToArray();
        return new NamedValues<V>(
            [.. _trunk, .. hidden.Select(v => v.Name)],
            [.. _trunk.Select(name => theta[name]), .. hidden.Select(v => v.Value)]);
    }

    public NamedValues<V> InitialFast<V>(IOps<V> ops, NamedValues<V> consolidated, V targets) =>
        _consolidation.InitialFast(ops, consolidated, targets);

    public V Predict<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V features) =>
        Network.Forward(ops, name => phi.Contains(name) ? phi[name] : consolidated[name], modulated: true, features);

    public V LearningLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), phi, consolidated);

    public V EvaluationLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        Loss.Of(ops, Predict(ops, phi, consolidated, query.Features), query);
}
