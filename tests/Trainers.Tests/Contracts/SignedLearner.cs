using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>A learner of a user that follows the hyperbolic tangent of its gradients: steps of limited length.</summary>
internal sealed class SignedLearner : ILearner, IOwnDynamics
{
    private readonly Network _network = Mlp.WithReadout(3, [4], 2, Activation.Tanh);
    private readonly Consolidation _consolidation;

    public SignedLearner()
    {
        Fast = [.. _network.Trunk, .. _network.Head];
        _consolidation = new Consolidation(Fast, 0.7, learned: true);
        Slow = _consolidation.Slow;
    }

    public INetworkDescription Network => _network;

    public TaskLoss Loss => TaskLoss.SquaredError;

    public int? Outputs => 2;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast { get; }

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => NamedValues.Of(_consolidation.Consolidated(ops, theta));

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.InitialFast(ops, consolidated, support);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) =>
        _network.Forward(ops, name => phi[name], encoded);

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        _consolidation.AddEnergy(ops, Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), phi, consolidated);

    public V[] LearningGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        Array.ConvertAll(this.OfLearningLoss(ops, phi, consolidated, support), ops.Tanh);

    public V[] EvaluationGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        Array.ConvertAll(this.OfEvaluationLoss(ops, phi, consolidated, query), ops.Tanh);
}
