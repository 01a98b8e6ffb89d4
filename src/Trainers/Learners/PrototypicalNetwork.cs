using System.Collections.Immutable;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Learners;

/// <summary>
/// Prototypical networks (Snell et al., 2017): a class is the mean embedding of its support rows, a query belongs to the nearest.
/// </summary>
/// <remarks>
/// <para>φ = the prototypes <c>[classes, units]</c>, computed and not descended to; θ = the embedding network, whose readout gives the
/// embedding. Logits are −‖h − c‖². Meta-trained by the unrolled rule over zero inner steps, which is plain backpropagation.</para>
/// <para>The baseline without inner gradients: what adaptation adds must be seen against it.</para>
/// </remarks>
internal sealed class PrototypicalNetwork : ILearner
{
    private const string Prototypes = "prototypes";

    /// <param name="network">The embedding network; its outputs are the embedding.</param>
    /// <param name="units">Units of the embedding.</param>
    public PrototypicalNetwork(Network network, int units)
    {
        Network = network;
        Slow = [.. network.Trunk, .. network.Head];
        Fast = [new ParameterSpec(Prototypes, [1, units])];
    }

    public string Kind => nameof(PrototypicalNetwork);

    public Network Network { get; }

    INetworkDescription ILearner.Network => Network;

    public TaskLoss Loss => TaskLoss.CrossEntropy;

    public int? Outputs => null;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    // c = (targetsᵀ (w · h)) / (targetsᵀ w): the mean over the rows of each class, padding left out by its weight 0.
    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support)
    {
        var byClass = ops.Transpose(support.Targets);
        var sums = ops.MatMul(byClass, ops.Multiply(support.Features, support.Weights));
        return new NamedValues<V>([Prototypes], [ops.Divide(sums, ops.MatMul(byClass, support.Weights))]);
    }

    public V Encode<V>(Ops<V> ops, NamedValues<V> consolidated, V features) =>
        Network.Forward(ops, name => consolidated[name], features);

    // −‖h − c‖² = 2 h·c − ‖c‖² − ‖h‖², and softmax does not see the last term.
    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded)
    {
        var prototypes = phi[Prototypes];
        var products = ops.MatMul(encoded, ops.Transpose(prototypes));
        var lengths = ops.Transpose(ops.SumLast(ops.Multiply(prototypes, prototypes)));
        return ops.Subtract(ops.Scale(products, 2), lengths);
    }

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support);
}
