using System.Collections.Immutable;
using MLNetMeta.Trainers.Testing;
using TorchSharp;

namespace MLNetMeta.Trainers.Tests.Contracts;

/// <summary>A complex synapse that breaks one law on purpose.</summary>
internal sealed class FaultyLearner(LearnerLaw fault, TaskLoss loss) : ILearner, ISynapticLearner
{
    private static readonly List<torch.Tensor> _kept = [];

    private readonly ComplexSynapse _inner = new(
        Mlp.WithReadout(3, [4], 2, Activation.Tanh), loss, 0.7, learnStrength: true);

    private int _calls;

    public INetworkDescription Network => _inner.Network;

    public TaskLoss Loss => _inner.Loss;

    public int? Outputs => _inner.Outputs;

    public bool SlowClash { get; init; }

    public ImmutableArray<ParameterSpec> Slow => SlowClash ? [.. _inner.Slow, _inner.Slow[0]] : _inner.Slow;

    public ImmutableArray<ParameterSpec> Fast =>
        fault == LearnerLaw.Parameters && !SlowClash ? [.. _inner.Fast, _inner.Fast[0]] : _inner.Fast;

    public bool IsLocal => fault is not (LearnerLaw.SlowGradient or LearnerLaw.Padding or LearnerLaw.TaskIndependence);

    public NamedValues<V> Consolidated<V>(Ops<V> ops, NamedValues<V> theta)
    {
        var consolidated = _inner.Consolidated(ops, theta);
        return fault == LearnerLaw.SlowGradient ? consolidated.Select(ops.StopGradient) : consolidated;
    }

    public NamedValues<V> InTask<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support)
    {
        var name = Consolidation.Omega(_inner.Fast[0].Name);
        return fault == LearnerLaw.InTask ? consolidated.With(name, ops.Scale(consolidated[name], 1.5)) : consolidated;
    }

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support) =>
        _inner.InitialFast(ops, consolidated, support);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded)
    {
        var predictions = _inner.Predict(ops, phi, consolidated, encoded);
        return fault switch
        {
            LearnerLaw.FastGradient => ops.AddScaled(predictions, ops.StopGradient(predictions), 0.5),
            LearnerLaw.RowIndependence => ops.Add(predictions, ops.Transpose(ops.SumLast(ops.Transpose(predictions)))),
            LearnerLaw.LinearReadout => ops.Tanh(predictions),
            LearnerLaw.InTask => ops.Add(
                predictions, ops.SumLast(ops.Transpose(ops.SumLast(consolidated[Consolidation.Omega(Fast[0].Name)])))),
            LearnerLaw.LearnerFile or LearnerLaw.MetaTrainingGraph when typeof(V).Name.Contains("Onnx", StringComparison.Ordinal)
                || typeof(V) == typeof(Tracked<OnnxValue>) => ops.Scale(predictions, 1.1),
            LearnerLaw.Determinism => ops.Shift(predictions, 0.01 * Interlocked.Increment(ref _calls)),
            _ => predictions,
        };
    }

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support)
    {
        var data = Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support);
        if (fault == LearnerLaw.TensorLifetime && phi[Fast[0].Name] is Tracked<torch.Tensor> { Value: var value })
        {
            _kept.Add(value.alias().DetachFromDisposeScope());
        }

        // Σ over tasks, squared: tasks meet.
        data = fault == LearnerLaw.TaskIndependence ? ops.Multiply(data, data) : data;
        var pull = new Consolidation(_inner.Fast, 0.7, learned: true);
        return pull.AddEnergy(ops, data, phi, consolidated);
    }

    public V EvaluationLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> query) =>
        _inner.Loss.Of(
            ops, Predict(ops, phi, consolidated, query.Features),
            fault == LearnerLaw.Padding ? query with { Weights = ops.Shift(ops.Scale(query.Weights, 0), 0.2) } : query);

    public NamedValues<V> LocalSlowGradient<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated)
    {
        var gradient = _inner.LocalSlowGradient(ops, phi, consolidated);
        return fault == LearnerLaw.LocalSlowGradient ? gradient.Select(g => ops.Scale(g, 2)) : gradient;
    }
}
