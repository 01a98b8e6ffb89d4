using System.Collections.Immutable;
using System.Globalization;
using MLNetMeta.Trainers.Numerics;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Trainers.Export;

/// <summary>The operators as nodes of an ONNX graph (operator set 17), without task axis: <c>[rows, units]</c>.</summary>
internal sealed class OnnxOps(GraphWriter writer) : IOps<OnnxValue>
{
    public OnnxValue Scalar(double value) => writer.Constant((float)value);

    public OnnxValue MatMul(OnnxValue a, OnnxValue b) => writer.Node("MatMul", [.. a.Shape[..^1], b.Shape[^1]], [a, b]);

    public OnnxValue Transpose(OnnxValue a)
    {
        var order = Enumerable.Range(0, a.Shape.Length).Select(i => (long)i).ToArray();
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return writer.Node("Transpose", [.. order.Select(i => a.Shape[(int)i])], [a], OnnxNodes.Ints("perm", order));
    }

    public OnnxValue Add(OnnxValue a, OnnxValue b) => Binary("Add", a, b);

    public OnnxValue Subtract(OnnxValue a, OnnxValue b) => Binary("Sub", a, b);

    public OnnxValue Multiply(OnnxValue a, OnnxValue b) => Binary("Mul", a, b);

    public OnnxValue Divide(OnnxValue a, OnnxValue b) => Binary("Div", a, b);

    public OnnxValue AddScaled(OnnxValue a, OnnxValue b, double factor) =>
        factor < 0 ? Subtract(a, Scale(b, -factor)) : Add(a, Scale(b, factor));

    public OnnxValue Scale(OnnxValue a, double factor) => factor == -1 ? Unary("Neg", a) : Multiply(a, Scalar(factor));

    public OnnxValue Shift(OnnxValue a, double offset) => Add(a, Scalar(offset));

    public OnnxValue Exp(OnnxValue a) => Unary("Exp", a);

    public OnnxValue Erf(OnnxValue a) => Unary("Erf", a);

    public OnnxValue Sqrt(OnnxValue a) => Unary("Sqrt", a);

    public OnnxValue Tanh(OnnxValue a) => Unary("Tanh", a);

    public OnnxValue Sigmoid(OnnxValue a) => Unary("Sigmoid", a);

    public OnnxValue Relu(OnnxValue a) => Unary("Relu", a);

    public OnnxValue Sign(OnnxValue a) => Unary("Sign", a);

    public OnnxValue Softmax(OnnxValue a) => writer.Node("Softmax", a.Shape, [a], OnnxNodes.Int("axis", -1));

    public OnnxValue CrossEntropy(OnnxValue logits, OnnxValue targets)
    {
        var logSoftmax = writer.Node("LogSoftmax", logits.Shape, [logits], OnnxNodes.Int("axis", -1));
        return Scale(SumLast(Multiply(logSoftmax, targets)), -1);
    }

    public OnnxValue WeightedSum(OnnxValue a, OnnxValue weights) => Sum(Multiply(a, weights));

    public OnnxValue QuadraticPull(OnnxValue a, OnnxValue centre, OnnxValue strength)
    {
        var distance = Subtract(a, centre);
        return Scale(Sum(Multiply(Multiply(distance, distance), strength)), 0.5);
    }

    public OnnxValue SquaredError(OnnxValue predictions, OnnxValue targets)
    {
        var error = Subtract(predictions, targets);
        return Mean(Multiply(error, error), -1);
    }

    public OnnxValue SumLast(OnnxValue a) => Reduce(a, [a.Shape.Length - 1]);

    public OnnxValue Mean(OnnxValue a, int axis) => Scale(Reduce(a, [a.Shape.Length + axis]), 1.0 / Length(a, axis));

    public OnnxValue MeanOverImages(OnnxValue images) => Divide(Reduce(images, [images.Shape.Length - 3, images.Shape.Length - 2]), ImagePositions(images));

    public OnnxValue ImagePositions(OnnxValue images)
    {
        var rows = writer.Node("Gather", [], [ShapeOf(images), writer.Scalar(images.Shape.Length - 3L)]);
        return Scale(writer.Node("Cast", [], [rows], OnnxNodes.Int("to", (long)TensorProto.Types.DataType.Float)), Length(images, -2));
    }

    public int Length(OnnxValue a, int axis) => int.TryParse(a.Shape[^-axis], CultureInfo.InvariantCulture, out var length)
        ? length
        : throw new NotSupportedException($"Axis {axis} of {Axes(a)} must be known when the graph is written.");

    public OnnxValue SplitLast(OnnxValue a, int inner) => Reshape(a, [.. a.Shape[..^1], $"{Length(a, -1) / inner}", $"{inner}"]);

    public OnnxValue MergeLast(OnnxValue a) => Reshape(a, [.. a.Shape[..^2], $"{Length(a, -2) * Length(a, -1)}"]);

    // A product of an unknown number of rows and of positions is written rows*positions, and taken apart again there.
    public OnnxValue SplitRows(OnnxValue a, int positions) => Reshape(a, [.. a.Shape[..^2], a.Shape[^2][..^$"*{positions}".Length], $"{positions}", a.Shape[^1]]);

    public OnnxValue MergeRows(OnnxValue a) => Reshape(a, [.. a.Shape[..^3], $"{a.Shape[^3]}*{a.Shape[^2]}", a.Shape[^1]]);

    public OnnxValue Patches(OnnxValue images, PatchMap map)
    {
        var seen = GatherPositions(images, map.Positions, map.Forward);
        return Reshape(seen, [.. images.Shape[..^2], $"{map.Windows}", $"{map.WindowSize * Length(images, -1)}"]);
    }

    public OnnxValue Unpatch(OnnxValue patches, PatchMap map)
    {
        var channels = Length(patches, -1) / map.WindowSize;
        var slots = Reshape(patches, [.. patches.Shape[..^2], $"{map.Forward.Length}", $"{channels}"]);
        var seen = GatherPositions(slots, map.Forward.Length, map.Backward);
        ImmutableArray<string> shape = [.. patches.Shape[..^2], $"{map.Positions}", $"{channels}"];
        var bySlot = Reshape(seen, [.. patches.Shape[..^2], $"{map.Positions}", $"{map.MostSeen}", $"{channels}"]);
        return writer.Node("ReduceSum", shape, [bySlot, writer.Constant([-2L])], OnnxNodes.Int("keepdims", 0));
    }

    public OnnxValue SumTo(OnnxValue a, OnnxValue like)
    {
        if (a.SameShape(like))
        {
            return a;
        }

        if (a.Shape.Length != like.Shape.Length)
        {
            throw new NotSupportedException($"Cannot sum {Axes(a)} to {Axes(like)}: ranks differ.");
        }

        return Reduce(a, [.. Enumerable.Range(0, a.Shape.Length).Where(i => a.Shape[i] != like.Shape[i])]);
    }

    public OnnxValue ExpandTo(OnnxValue a, OnnxValue like) => a.SameShape(like) ? a : writer.Node("Expand", like.Shape, [a, ShapeOf(like)]);

    public OnnxValue PerTask(OnnxValue shared, OnnxValue batch) => shared;

    public OnnxValue RepeatColumn(OnnxValue column, OnnxValue like)
    {
        ImmutableArray<string> repeated = [.. column.Shape[..^1], like.Shape[^1]];
        var width = writer.Node("Gather", ["1"], [ShapeOf(like), writer.Constant([like.Shape.Length - 1L])]);
        var lengths = column.Shape[..^1].Select(long.Parse).ToArray();
        var shape = writer.Node("Concat", [$"{repeated.Length}"], [writer.Constant(lengths), width], OnnxNodes.Int("axis", 0));
        return writer.Node("Expand", repeated, [column, shape]);
    }

    public OnnxValue ZerosLike(OnnxValue like) => Scale(like, 0);

    private OnnxValue Sum(OnnxValue a) => writer.Node("ReduceSum", [], [a], OnnxNodes.Int("keepdims", 0));

    private OnnxValue Reduce(OnnxValue a, int[] axes) => writer.Node(
        "ReduceSum",
        [.. a.Shape.Select((length, i) => axes.Contains(i) ? "1" : length)],
        [a, writer.Constant(Array.ConvertAll(axes, i => (long)i))],
        OnnxNodes.Int("keepdims", 1));

    /// <summary>Positions by number; one past the last is a position of zeros.</summary>
    private OnnxValue GatherPositions(OnnxValue images, int positions, long[] index)
    {
        var end = Enumerable.Repeat(0L, 2 * images.Shape.Length).ToArray();
        end[^2] = 1;
        var padded = writer.Node("Pad", [.. images.Shape[..^2], $"{positions + 1}", images.Shape[^1]], [images, writer.Constant(end)]);
        return writer.Node(
            "Gather", [.. images.Shape[..^2], $"{index.Length}", images.Shape[^1]], [padded, writer.Constant(index)], OnnxNodes.Int("axis", -2));
    }

    private OnnxValue Reshape(OnnxValue a, ImmutableArray<string> shape)
    {
        // The one axis whose length is not known is left to the runtime.
        var lengths = shape.Select(axis => long.TryParse(axis, CultureInfo.InvariantCulture, out var length) ? length : -1).ToArray();
        return writer.Node("Reshape", shape, [a, writer.Constant(lengths)]);
    }

    private OnnxValue ShapeOf(OnnxValue a) => writer.Node("Shape", [$"{a.Shape.Length}"], [a]);

    private OnnxValue Unary(string type, OnnxValue a) => writer.Node(type, a.Shape, [a]);

    private OnnxValue Binary(string type, OnnxValue a, OnnxValue b) => writer.Node(type, Broadcast(type, a, b), [a, b]);

    private static ImmutableArray<string> Broadcast(string type, OnnxValue a, OnnxValue b)
    {
        var (longer, shorter) = a.Shape.Length >= b.Shape.Length ? (a.Shape, b.Shape) : (b.Shape, a.Shape);
        var offset = longer.Length - shorter.Length;
        return [.. longer.Select((length, i) =>
        {
            var other = i < offset ? "1" : shorter[i - offset];
            return other == "1" || other == length ? length
                : length == "1" ? other
                : throw new ArgumentException($"{type} cannot broadcast {Axes(a)} and {Axes(b)}.");
        })];
    }

    private static string Axes(OnnxValue value) => $"[{string.Join(", ", value.Shape)}]";
}
