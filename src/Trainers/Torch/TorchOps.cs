using System.Runtime.InteropServices;
using MLNetMeta.Trainers.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <summary>The operators on TorchSharp tensors, task axis first: <c>[tasks, rows, units]</c>. Any floating-point dtype.</summary>
internal sealed class TorchOps : IHostOps<Tensor>
{
    // Above the smallest float32, and its root far below any ε that a root is added to.
    private const double Tiny = 1e-30;

    public static TorchOps Instance { get; } = new();

    public Tensor Scalar(double value) => tensor(value);

    public Tensor MatMul(Tensor a, Tensor b) => matmul(a, b);

    public Tensor Transpose(Tensor a) => a.transpose(-2, -1);

    public Tensor Add(Tensor a, Tensor b) => a.Plus(b);

    public Tensor Subtract(Tensor a, Tensor b) => a.Minus(b);

    public Tensor Multiply(Tensor a, Tensor b) => a.mul(b);

    public Tensor Divide(Tensor a, Tensor b) => a.div(b);

    public Tensor AddScaled(Tensor a, Tensor b, double factor) => a.Plus(b, factor);

    public Tensor Scale(Tensor a, double factor) => a.Times(factor);

    public Tensor Shift(Tensor a, double offset) => a.Plus(offset);

    public Tensor Exp(Tensor a) => a.exp();

    public Tensor Erf(Tensor a) => a.erf();

    // √x has no derivative at 0, where autograd would make 0 · ∞ = NaN of it: while it records, values below Tiny are constant.
    public Tensor Sqrt(Tensor a) => a.requires_grad ? a.AtLeast(Tiny).sqrt() : a.sqrt();

    public Tensor Tanh(Tensor a) => a.tanh();

    public Tensor Sigmoid(Tensor a) => a.sigmoid();

    public Tensor Relu(Tensor a) => a.relu();

    public Tensor Sign(Tensor a) => a.sign();

    public Tensor Softmax(Tensor a) => a.softmax(-1);

    public Tensor CrossEntropy(Tensor logits, Tensor targets) =>
        logits.log_softmax(-1).mul(targets).sum(-1, keepdim: true).neg();

    public Tensor WeightedSum(Tensor a, Tensor weights) => a.mul(weights).sum();

    public Tensor QuadraticPull(Tensor a, Tensor centre, Tensor strength) => a.Minus(centre).Squared().mul(strength).sum().Times(0.5);

    public Tensor SquaredError(Tensor predictions, Tensor targets) => predictions.Minus(targets).Squared().mean([-1], keepdim: true);

    public Tensor SumLast(Tensor a) => a.sum(-1, keepdim: true);

    public Tensor Mean(Tensor a, int axis) => a.mean([axis], keepdim: true);

    public Tensor MeanOverImages(Tensor images) => images.mean([-3, -2], keepdim: true);

    public Tensor ImagePositions(Tensor images) => ones([], images.dtype, images.device).Times(images.size(-3) * images.size(-2));

    public int Length(Tensor a, int axis) => (int)Shape(a)[^-axis];

    public Tensor SplitLast(Tensor a, int inner) => a.reshape([.. Shape(a)[..^1], Shape(a)[^1] / inner, inner]);

    public Tensor MergeLast(Tensor a) => a.reshape([.. Shape(a)[..^2], Shape(a)[^2] * Shape(a)[^1]]);

    public Tensor SplitRows(Tensor a, int positions) => a.reshape([.. Shape(a)[..^2], Shape(a)[^2] / positions, positions, Shape(a)[^1]]);

    public Tensor MergeRows(Tensor a) => a.reshape([.. Shape(a)[..^3], Shape(a)[^3] * Shape(a)[^2], Shape(a)[^1]]);

    public Tensor Patches(Tensor images, PatchMap map)
    {
        var seen = WithZero(images).index_select(-2, Index(map.Forward, images.device));
        return seen.reshape([.. Shape(images)[..^2], map.Windows, map.WindowSize * Shape(images)[^1]]);
    }

    public Tensor Unpatch(Tensor patches, PatchMap map)
    {
        var channels = Shape(patches)[^1] / map.WindowSize;
        var slots = patches.reshape([.. Shape(patches)[..^2], map.Forward.Length, channels]);
        var seen = WithZero(slots).index_select(-2, Index(map.Backward, patches.device));
        return seen.reshape([.. Shape(patches)[..^2], map.Positions, map.MostSeen, channels]).sum(-2);
    }

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

    /// <summary>One more position, of zeros, at the end.</summary>
    private static Tensor WithZero(Tensor images) =>
        cat([images, zeros([.. Shape(images)[..^2], 1, Shape(images)[^1]], images.dtype, images.device)], -2);

    private static Tensor Index(long[] index, Device device) => tensor(index, device: device);

    public Tensor SumTo(Tensor a, Tensor like)
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

    public Tensor ExpandTo(Tensor a, Tensor like)
    {
        var shape = Shape(like);
        return Shape(a).AsSpan().SequenceEqual(shape) ? a : a.expand(shape);
    }

    public Tensor PerTask(Tensor shared, Tensor batch) => shared.unsqueeze(0).expand([Shape(batch)[0], .. Shape(shared)]);

    public Tensor RepeatColumn(Tensor column, Tensor like) => column.expand([.. Shape(column)[..^1], Shape(like)[^1]]);

    public Tensor ZerosLike(Tensor like) => zeros_like(like);

    public Tensor Constant(float[] values, long[] shape, Tensor like) => tensor(values, shape, dtype: like.dtype, device: like.device);

    // While autograd records, the surrogate's slope is what it sees: v − v is 0, and its derivative 1.
    public Tensor Spike(Tensor a, Surrogate surrogate)
    {
        var spikes = a.Above(surrogate.Threshold);
        return a.requires_grad ? spikes.Plus(a.Minus(a.detach()).mul(surrogate.Slope(this, a.detach()))) : spikes;
    }

    public Tensor Hold(Tensor a) => a.requires_grad ? a.detach() : a;

    public Tensor[] Steps(Tensor sequence) => sequence.unbind(-2);

    public Tensor Sequence(Tensor[] steps) => stack(steps, -2);

    public (Tensor[] States, Tensor[] Outputs) Scan(
        Tensor[] states, Tensor[] inputs, Func<IOps<Tensor>, Tensor[], Tensor[], (Tensor[] States, Tensor[] Outputs)> step) =>
        UnrolledScan.Scan(this, states, inputs, step);

    public bool AreAtHand<T>(params ReadOnlySpan<Tensor> values)
        where T : unmanaged
    {
        foreach (var value in values)
        {
            if (value.device_type != DeviceType.CPU || value.dtype != TypeOf<T>() || value.requires_grad)
            {
                return false;
            }
        }

        return true;
    }

    public ReadOnlySpan<T> Numbers<T>(Tensor value)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(value.contiguous().bytes);

    public Tensor Zeros<T>(ReadOnlySpan<long> shape, Tensor like, out Span<T> numbers)
        where T : unmanaged
    {
        var value = zeros(shape, like.dtype, like.device);
        numbers = MemoryMarshal.Cast<byte, T>(value.bytes);
        return value;
    }

    private static ScalarType TypeOf<T>() => typeof(T) == typeof(float) ? ScalarType.Float32 : ScalarType.Float64;
}
