using System.Collections.Immutable;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// The complex synapse: the weights of the network are fast, and consolidated in hidden states of their own (paper, section 3.3).
/// </summary>
/// <remarks>
/// L_in = ℓ_support(φ) + ½ Σ λᵢ (ωᵢ − φᵢ)², L_out = ℓ_query(φ), θ = {ω, λ}. Its meta-gradient is local, see <see cref="ISynapticLearner"/>.
/// With λ = 0 nothing but the start of φ is consolidated: the learner of MAML and Reptile.
/// </remarks>
internal sealed class ComplexSynapse : ILearner, ISynapticLearner
{
    private readonly Consolidation _consolidation;
    private readonly InnerRates _rates;
    private readonly ImmutableArray<ParameterSpec> _shared;
    private readonly bool _trunkIsSlow;

    /// <param name="network">The network whose weights are fast.</param>
    /// <param name="loss">The data term of both losses.</param>
    /// <param name="strength">λ, or its initial value where it is learned; 0 for no pull.</param>
    /// <param name="learnStrength">One learned λ per synapse instead of one fixed number.</param>
    /// <param name="fast">Which weights are fast.</param>
    /// <param name="learnRates">One learned inner step size per synapse.</param>
    /// <param name="pullPerRow">Whether the support rows share the pull: λ/n for n rows.</param>
    public ComplexSynapse(
        Network network, TaskLoss loss, double strength, bool learnStrength, FastParameters fast = FastParameters.All,
        bool learnRates = false, bool pullPerRow = false)
    {
        Network = network;
        Loss = loss;
        _trunkIsSlow = fast == FastParameters.Head;
        Fast = fast switch
        {
            FastParameters.Head => network.Head,
            FastParameters.Body => network.Trunk,
            _ => [.. network.Trunk, .. network.Head],
        };
        _shared = [.. network.Trunk.AddRange(network.Head).Except(Fast)];
        _consolidation = new Consolidation(Fast, strength, learnStrength, pullPerRow);
        _rates = new InnerRates(Fast, learnRates);
        Slow = [.. _shared, .. _consolidation.Slow, .. _rates.Slow];
    }

    public string Kind => nameof(ComplexSynapse);

    public Network Network { get; }

    INetworkDescription ILearner.Network => Network;

    public TaskLoss Loss { get; }

    public int? Outputs => Network.Outputs;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public bool IsLocal => _shared.IsEmpty && _rates.Slow.IsEmpty;

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => NamedValues.Of<V>(
    [
        .. _shared.Select(s => (s.Name, theta[s.Name])),
        .. _consolidation.Consolidated(ops, theta),
        .. _rates.Consolidated(ops, theta),
    ]);

    public NamedValues<V> InTask<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InTask(ops, consolidated, support);

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InitialFast(ops, consolidated, support);

    public V[] Direction<V>(Ops<V> ops, V[] gradient, NamedValues<V> consolidated) => _rates.Direction(ops, gradient, consolidated);

    public V Encode<V>(Ops<V> ops, NamedValues<V> consolidated, V features) =>
        _trunkIsSlow ? Network.Encode(ops, name => consolidated[name], Network.Stages, features) : features;

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded)
    {
        return _trunkIsSlow
            ? Network.Decode(ops, Known, Network.Stages, encoded)
            : Network.Forward(ops, Known, encoded);

        V Known(string name) => phi.Contains(name) ? phi[name] : consolidated[name];
    }

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), phi, consolidated);

    public NamedValues<V> LocalSlowGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated) =>
        _consolidation.SlowGradient(ops, phi, consolidated);
}
