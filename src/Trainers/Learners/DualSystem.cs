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
        Network network, TaskLoss loss, double strength, bool learnStrength, bool learnRates = false, int modulatedLayers = int.MaxValue,
        bool pullPerRow = false)
    {
        Network = network;
        Loss = loss;
        _firstModulated = network.Stages - Math.Min(modulatedLayers, network.Stages);
        Fast = [.. network.Modulation[(2 * _firstModulated)..], .. network.Head];
        _consolidation = new Consolidation(Fast, strength, learnStrength, pullPerRow);
        _rates = new InnerRates(Fast, learnRates);
        _trunk = [.. network.Trunk.Select(p => p.Name)];
        Slow = [.. network.Trunk, .. _consolidation.Slow, .. _rates.Slow];
    }

    public string Kind => nameof(DualSystem);

    public Network Network { get; }

    INetworkDescription ILearner.Network => Network;

    public TaskLoss Loss { get; }

    public int? Outputs => Network.Outputs;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => NamedValues.Of<V>(
    [
        .. _trunk.Select(name => (name, theta[name])),
        .. _consolidation.Consolidated(ops, theta),
        .. _rates.Consolidated(ops, theta),
    ]);

    public NamedValues<V> InTask<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InTask(ops, consolidated, support);

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InitialFast(ops, consolidated, support);

    public V[] Direction<V>(Ops<V> ops, V[] gradient, NamedValues<V> consolidated) => _rates.Direction(ops, gradient, consolidated);

    public V Encode<V>(Ops<V> ops, NamedValues<V> consolidated, V features) =>
        Network.Encode(ops, name => consolidated[name], _firstModulated, features);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) => Network.Decode(
        ops, name => phi.Contains(name) ? phi[name] : consolidated[name], _firstModulated, encoded);

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), phi, consolidated);
}
