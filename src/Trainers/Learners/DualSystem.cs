using System.Collections.Immutable;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// The dual system: a slow primary network, rapidly modulated for each task by gains and shifts of its units (paper, section 3.4).
/// </summary>
/// <remarks>
/// <para>φ = {gains, shifts, readout}, θ = {trunk weights, and what φ starts from}. L_in = ℓ_support(φ,
/// θ) + ½ λ Σ (φᵢ − ωᵢ)², L_out = ℓ_query(φ, θ).</para>
/// <para>The pull of φ to its meta-learned start ω is a part of L_in. Without it, updating the start would not follow any loss.</para>
/// </remarks>
internal sealed class DualSystem : ILearner
{
    private readonly Consolidation _consolidation;
    private readonly InnerRates _rates;
    private readonly ImmutableArray<string> _trunk;
    private readonly int _firstModulated;

    /// <param name="network">The primary network.</param>
    /// <param name="loss">The data term of both losses.</param>
    /// <param name="strength">λ, or its initial value where it is learned; 0 for no pull.</param>
    /// <param name="learnStrength">One learned λ per fast parameter instead of one fixed number.</param>
    /// <param name="learnRates">One learned inner step size per fast parameter.</param>
    /// <param name="modulatedLayers">How many of the trunk's last layers are modulated; all where there are fewer.</param>
    /// <param name="pullPerRow">Whether the support rows share the pull: λ/n for n rows.</param>
    public DualSystem(
        INetwork network, TaskLoss loss, double strength, bool learnStrength, bool learnRates = false, int modulatedLayers = int.MaxValue,
        bool pullPerRow = false)
    {
        Network = network;
        Loss = loss;
        _firstModulated = network.Layers - Math.Min(modulatedLayers, network.Layers);
        Fast = [.. network.Modulation[(2 * _firstModulated)..], .. network.Head];
        _consolidation = new Consolidation(Fast, strength, learnStrength, pullPerRow);
        _rates = new InnerRates(Fast, learnRates);
        _trunk = [.. network.Trunk.Select(p => p.Name)];
        Slow = [.. network.Trunk, .. _consolidation.Slow, .. _rates.Slow];
    }

    public string Kind => nameof(DualSystem);

    public INetwork Network { get; }

    INetworkDescription ILearner.Network => Network;

    public TaskLoss Loss { get; }

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public NamedValues<V> Consolidated<V>(IOps<V> ops, NamedValues<V> theta)
    {
        (string Name, V Value)[] values =
        [
            .. _trunk.Select(name => (name, theta[name])),
            .. _consolidation.Consolidated(ops, theta),
            .. _rates.Consolidated(ops, theta),
        ];
        return new NamedValues<V>([.. values.Select(v => v.Name)], [.. values.Select(v => v.Value)]);
    }

    public NamedValues<V> InTask<V>(IOps<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InTask(ops, consolidated, support.Weights);

    public NamedValues<V> InitialFast<V>(IOps<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InitialFast(ops, consolidated, support.Targets);

    public V[] Direction<V>(IOps<V> ops, V[] gradient, NamedValues<V> consolidated) => _rates.Direction(ops, gradient, consolidated);

    public V Encode<V>(IOps<V> ops, NamedValues<V> consolidated, V features) =>
        ForwardPass.BeforeModulation(Network, ops, name => consolidated[name], _firstModulated, features);

    public V Predict<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) => ForwardPass.AfterModulation(
        Network, ops, name => phi.Contains(name) ? phi[name] : consolidated[name], _firstModulated, encoded);

    public V LearningLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), phi, consolidated);

    public V EvaluationLoss<V>(IOps<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        Loss.Of(ops, Predict(ops, phi, consolidated, query.Features), query);
}
