using System.Collections.Immutable;

namespace MLNetMeta.Reproduce;

/// <summary>
/// R2-D2 (Bertinetto et al., 2019): the readout of a task is the ridge regression of its one-hot labels on its embeddings, in closed form.
/// </summary>
/// <remarks>
/// <para>W = Xᵀ (X Xᵀ + λ I)⁻¹ Y, with X the embeddings of the support rows over √units; logits are s · x W. The trunk, λ and s are
/// meta-trained by backpropagation through the solution. Differs from the publication: no bias.</para>
/// <para>The inverse is that of Newton and Schulz, X ← X (2 I − A X), which needs products only and doubles the right digits in each
/// step. It is kept as a I + M, because the number of support rows, and with it I, is unknown when a graph is written. There is nothing to
/// descend to: the learning loss is 0.</para>
/// </remarks>
internal sealed class RidgeReadout : ILearner
{
    private const string Penalty = "ridge.log_penalty", Sharpness = "ridge.log_scale", Weight = "head.weight", Bias = "head.bias";

    // Enough for a trace 5,000 times as large as λ.
    private const int Doublings = 16;

    private const double InitialScale = 10;

    private readonly Network _network;

    private readonly int _units;

    /// <param name="network">The network whose embedding is regressed on; it has one output for each class of the task.</param>
    public RidgeReadout(Network network)
    {
        _network = network;
        _units = (int)network.Head.Single(parameter => parameter.Name == Weight).Shape[0];
        Slow =
        [
            .. network.Trunk, new(Penalty, [1, 1]), new(Sharpness, [1, 1]) { InitialMean = Math.Log(InitialScale) },
        ];
    }

    public INetworkDescription Network => _network;

    public TaskLoss Loss => TaskLoss.CrossEntropy;

    public int? Outputs => null;

    public ImmutableArray<ParameterSpec> Slow { get; }

    public ImmutableArray<ParameterSpec> Fast => _network.Head;

    public NamedValues<V> InitialFast<V>(Ops<V> ops, NamedValues<V> consolidated, Rows<V> support)
    {
        // Rows that only fill a task up have the weight 0.
        var isRow = ops.Sign(support.Weights);
        var x = ops.Scale(ops.Multiply(support.Features, isRow), 1 / Math.Sqrt(_units));
        var kernel = ops.MatMul(x, ops.Transpose(x));
        var penalty = ops.PerTask(ops.Exp(consolidated[Penalty]), support.Targets);
        var trace = ops.SumTo(ops.SumLast(ops.Multiply(x, x)), penalty);
        var (a, m) = Inverse(ops, kernel, penalty, trace);
        var labels = ops.Multiply(support.Targets, isRow);
        var solution = ops.Add(ops.Multiply(labels, a), ops.MatMul(m, labels));
        var weight = ops.Scale(
            ops.Multiply(ops.MatMul(ops.Transpose(x), solution), ops.Exp(consolidated[Sharpness])), 1 / Math.Sqrt(_units));
        var bias = ops.RepeatColumn(ops.ZerosLike(penalty), support.Targets);
        return NamedValues.Of<V>([(Weight, weight), (Bias, bias)]);
    }

    public V Encode<V>(Ops<V> ops, NamedValues<V> consolidated, V features) =>
        _network.Encode(ops, name => consolidated[name], _network.Stages, features);

    public V Predict<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, V encoded) =>
        _network.Decode(ops, name => phi[name], _network.Stages, encoded);

    public V LearningLoss<V>(Ops<V> ops, NamedValues<V> phi, NamedValues<V> consolidated, Rows<V> support) =>
        ops.Scale(Loss.Of(ops, Predict(ops, phi, consolidated, support.Features), support), 0);

    /// <summary>a and M of (K + λ I)⁻¹ = a I + M. All matrices are symmetric.</summary>
    private static (V A, V M) Inverse<V>(Ops<V> ops, V kernel, V penalty, V trace)
    {
        // No eigenvalue is above trace + λ.
        var a = ops.Divide(ops.Scalar(1), ops.Add(trace, penalty));
        var m = ops.ZerosLike(kernel);
        for (var i = 0; i < Doublings; i++)
        {
            // (a I + M) (K + λ I) (a I + M) = a² λ I + a² K + a (M K + K M) + 2 a λ M + M K M + λ M²
            // K M is the transpose of M K but for rounding, and that part would grow if it were taken for it.
            var product = ops.MatMul(m, kernel);
            var linear = ops.Multiply(ops.Add(product, ops.MatMul(kernel, m)), a);
            var quadratic = ops.Add(ops.MatMul(product, m), ops.Multiply(ops.MatMul(m, m), penalty));
            var square = ops.Multiply(a, a);
            var mixed = ops.Add(
                ops.Add(ops.Multiply(kernel, square), linear), ops.Multiply(m, ops.Scale(ops.Multiply(a, penalty), 2)));
            m = ops.Subtract(ops.Scale(m, 2), ops.Add(mixed, quadratic));
            a = ops.Subtract(ops.Scale(a, 2), ops.Multiply(square, penalty));
        }

        return (a, m);
    }
}
