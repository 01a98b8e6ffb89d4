using System.Runtime.InteropServices;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <summary>The operators on TorchSharp tensors, task axis first: <c>[tasks, rows, units]</c>. Any floating-point dtype.</summary>
internal sealed partial class TorchOps : HostOps<Tensor>
{
    // Above the smallest float32, and its root far below any ε that a root is added to.
    private const double Tiny = 1e-30;

    public static TorchOps Instance { get; } = new();

    public override Tensor Scalar(double value) => tensor(value);

    public override Tensor MatMul(Tensor a, Tensor b) => matmul(a, b);

    public override Tensor Transpose(Tensor a) => a.transpose(-2, -1);

    public override Tensor Add(Tensor a, Tensor b) => a.Plus(b);

    public override Tensor Subtract(Tensor a, Tensor b) => a.Minus(b);

    public override Tensor Multiply(Tensor a, Tensor b) => a.mul(b);

    public override Tensor Divide(Tensor a, Tensor b) => a.div(b);

    public override Tensor AddScaled(Tensor a, Tensor b, double factor) => a.Plus(b, factor);

    public override Tensor Scale(Tensor a, double factor) => a.Times(factor);

    public override Tensor Shift(Tensor a, double offset) => a.Plus(offset);

    public override Tensor Exp(Tensor a) => a.exp();

    public override Tensor Log(Tensor a) => a.log();

    public override Tensor Erf(Tensor a) => a.erf();

    // √x has no derivative at 0, where autograd would make 0 · ∞ = NaN of it: while it records, values below Tiny are constant.
    public override Tensor Sqrt(Tensor a) => a.requires_grad ? a.AtLeast(Tiny).sqrt() : a.sqrt();

    public override Tensor Tanh(Tensor a) => a.tanh();

    public override Tensor Sigmoid(Tensor a) => a.sigmoid();

    public override Tensor Relu(Tensor a) => a.relu();

    public override Tensor Sign(Tensor a) => a.sign();

    public override Tensor Softmax(Tensor a) => a.softmax(-1);

    public override Tensor CrossEntropy(Tensor logits, Tensor targets) =>
        logits.log_softmax(-1).mul(targets).sum(-1, keepdim: true).neg();

    public override Tensor WeightedSum(Tensor a, Tensor weights) => a.mul(weights).sum();

    public override Tensor QuadraticPull(Tensor a, Tensor centre, Tensor strength) =>
        a.Minus(centre).Squared().mul(strength).sum().Times(0.5);

    public override Tensor SquaredError(Tensor predictions, Tensor targets) =>
        predictions.Minus(targets).Squared().mean([-1], keepdim: true);

    public override Tensor SumLast(Tensor a) => a.sum(-1, keepdim: true);

    public override Tensor Mean(Tensor a, int axis) => a.mean([axis], keepdim: true);

    public override int Length(Tensor a, int axis) => (int)Shape(a)[^-axis];

    public override Tensor SplitLast(Tensor a, int inner) => a.reshape([.. Shape(a)[..^1], Shape(a)[^1] / inner, inner]);

    public override Tensor MergeLast(Tensor a) => a.reshape([.. Shape(a)[..^2], Shape(a)[^2] * Shape(a)[^1]]);

    /// <summary>
    /// The same as Tensor.shape, which leaves two objects a call to the finalizer: on the path of every step that is a thread of its own.
    /// </summary>
    private static long[] Shape(Tensor a)
    {
        var shape = new long[a.dim()];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = a.size(axis);
        }

        return shape;
    }

    public override Tensor SumTo(Tensor a, Tensor like)
    {
        var (from, to) = (Shape(a), Shape(like));
        if (from.AsSpan().SequenceEqual(to))
        {
            return a;
        }

        var extra = from.Length - to.Length;
        var axes = new List<long>();
        for (var axis = 0; axis < from.Length; axis++)
        {
            if (axis < extra || (to[axis - extra] == 1 && from[axis] != 1))
            {
                axes.Add(axis);
            }
        }

        var sum = a.sum(axes.ToArray(), keepdim: true);
        return extra == 0 ? sum : sum.reshape(to);
    }

    public override Tensor ExpandTo(Tensor a, Tensor like)
    {
        var shape = Shape(like);
        return Shape(a).AsSpan().SequenceEqual(shape) ? a : a.expand(shape);
    }

    public override Tensor PerTask(Tensor shared, Tensor batch) => shared.unsqueeze(0).expand([Shape(batch)[0], .. Shape(shared)]);

    public override Tensor RepeatColumn(Tensor column, Tensor like) => column.expand([.. Shape(column)[..^1], Shape(like)[^1]]);

    public override Tensor ZerosLike(Tensor like) => zeros_like(like);

    public override Tensor Constant(float[] values, long[] shape, Tensor like) =>
        tensor(values, shape, dtype: like.dtype, device: like.device);

    // While autograd records, the surrogate's slope is what it sees: v − v is 0, and its derivative 1.
    internal override Tensor Spike(Tensor a, Surrogate surrogate)
    {
        var spikes = a.Above(surrogate.Threshold);
        return a.requires_grad ? spikes.Plus(a.Minus(a.detach()).mul(surrogate.Slope(this, a.detach()))) : spikes;
    }

    public override Tensor StopGradient(Tensor a) => a.requires_grad ? a.detach() : a;

    public override Tensor[] Steps(Tensor sequence) => sequence.unbind(-2);

    public override Tensor Sequence(Tensor[] steps) => stack(steps, -2);

    public override (Tensor[] States, Tensor[] Outputs) Scan(
        Tensor[] states, Tensor[] inputs, Func<Ops<Tensor>, Tensor[], Tensor[], (Tensor[] States, Tensor[] Outputs)> step) =>
        UnrolledScan.Scan(this, states, inputs, step);

    public override bool AreAtHand<T>(params ReadOnlySpan<Tensor> values)
    {
        foreach (var value in values)
        {
            if (value.device_type != DeviceType.CPU || value.dtype != TypeOf<T>() || value.requires_grad || !IsSmall([value.numel()]))
            {
                return false;
            }
        }

        return true;
    }

    public override ReadOnlySpan<T> Numbers<T>(Tensor value) =>
        MemoryMarshal.Cast<byte, T>(value.contiguous().bytes);

    public override Tensor Zeros<T>(ReadOnlySpan<long> shape, Tensor like, out Span<T> numbers)
    {
        var value = zeros(shape, like.dtype, like.device);
        numbers = MemoryMarshal.Cast<byte, T>(value.bytes);
        return value;
    }

    private static ScalarType TypeOf<T>() => typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64;
}
