using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>
/// A learner that counts its learning losses and asks for cancellation at one of them: a moment that does not depend on a clock.
/// </summary>
internal sealed class CancellingLearner(ILearner inner, int atLoss = int.MaxValue) : ILearner, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Learning losses so far.</summary>
    public int Losses { get; private set; }

    /// <summary>Called at each learning loss.</summary>
    public Action AtEachLoss { get; set; } = () => { };

    public string Kind => inner.Kind;

    public INetworkDescription Network => inner.Network;

    public TaskLoss Loss => inner.Loss;

    public int? Outputs => inner.Outputs;

    public ImmutableArray<ParameterSpec> Slow => inner.Slow;

    public ImmutableArray<ParameterSpec> Fast => inner.Fast;

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta) => inner.Consolidated(ops, theta);

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        inner.InitialFast(ops, consolidated, support);

    public V[] Direction<V>(Ops<V> ops, V[] gradient, NamedValues<V> consolidated) => inner.Direction(ops, gradient, consolidated);

    public V Encode<V>(Ops<V> ops, NamedValues<V> consolidated, V features) => inner.Encode(ops, consolidated, features);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) =>
        inner.Predict(ops, phi, consolidated, encoded);

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support)
    {
        AtEachLoss();
        if (++Losses == atLoss)
        {
            _cancellation.Cancel();
        }

        return inner.LearningLoss(ops, phi, consolidated, support);
    }

    public V EvaluationLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        inner.EvaluationLoss(ops, phi, consolidated, query);

    public void Dispose() => _cancellation.Dispose();
}
