using System.Collections.Immutable;
using System.Globalization;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Export;

/// <summary>The operators as nodes of an ONNX graph (operator set 17).</summary>
/// <param name="writer">The graph.</param>
/// <param name="tasks">
/// Name of the task axis in front, <c>[tasks, rows, units]</c>; null where a graph is of one task, <c>[rows, units]</c>.
/// </param>
internal sealed class OnnxOps(GraphWriter writer, string? tasks = null) : Ops<OnnxValue>
{
    public override OnnxValue Scalar(double value) => writer.Constant((float)value);

    public override OnnxValue MatMul(OnnxValue a, OnnxValue b) => Differ(a.Shape[^1], b.Shape[^2])
        ? throw TrainerThrow.MatMulOf(Axes(a), Axes(b))
        : writer.Node("MatMul", [.. Broadcast("MatMul", a.Shape[..^2], b.Shape[..^2]), a.Shape[^2], b.Shape[^1]], [a, b]);

    public override OnnxValue Transpose(OnnxValue a)
    {
        var order = Enumerable.Range(0, a.Shape.Length).ToArray();
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return Permute(a, order);
    }

    public override OnnxValue Add(OnnxValue a, OnnxValue b) => Binary("Add", a, b);

    public override OnnxValue Subtract(OnnxValue a, OnnxValue b) => Binary("Sub", a, b);

    public override OnnxValue Multiply(OnnxValue a, OnnxValue b) => Binary("Mul", a, b);

    public override OnnxValue Divide(OnnxValue a, OnnxValue b) => Binary("Div", a, b);

    public override OnnxValue AddScaled(OnnxValue a, OnnxValue b, double factor) =>
        factor < 0 ? Subtract(a, Scale(b, -factor)) : Add(a, Scale(b, factor));

    public override OnnxValue Scale(OnnxValue a, double factor) => factor == -1 ? Unary("Neg", a) : Multiply(a, Scalar(factor));

    public override OnnxValue Shift(OnnxValue a, double offset) => Add(a, Scalar(offset));

    public override OnnxValue Exp(OnnxValue a) => Unary("Exp", a);

    public override OnnxValue Log(OnnxValue a) => Unary("Log", a);

    public override OnnxValue Erf(OnnxValue a) => Unary("Erf", a);

    public override OnnxValue Sqrt(OnnxValue a) => Unary("Sqrt", a);

    public override OnnxValue Tanh(OnnxValue a) => Unary("Tanh", a);

    public override OnnxValue Sigmoid(OnnxValue a) => Unary("Sigmoid", a);

    public override OnnxValue Relu(OnnxValue a) => Unary("Relu", a);

    public override OnnxValue Sign(OnnxValue a) => Unary("Sign", a);

    public override OnnxValue Softmax(OnnxValue a) => writer.Node("Softmax", a.Shape, [a], OnnxNodes.Int("axis", -1));

    public override OnnxValue CrossEntropy(OnnxValue logits, OnnxValue targets)
    {
        var logSoftmax = writer.Node("LogSoftmax", logits.Shape, [logits], OnnxNodes.Int("axis", -1));
        return Scale(SumLast(Multiply(logSoftmax, targets)), -1);
    }

    public override OnnxValue WeightedSum(OnnxValue a, OnnxValue weights) => Sum(Multiply(a, weights));

    public override OnnxValue QuadraticPull(OnnxValue a, OnnxValue centre, OnnxValue strength)
    {
        var distance = Subtract(a, centre);
        return Scale(Sum(Multiply(Multiply(distance, distance), strength)), 0.5);
    }

    public override OnnxValue SquaredError(OnnxValue predictions, OnnxValue targets)
    {
        var error = Subtract(predictions, targets);
        return Mean(Multiply(error, error), -1);
    }

    public override OnnxValue SumLast(OnnxValue a) => Reduce(a, [a.Shape.Length - 1]);

    public override OnnxValue Mean(OnnxValue a, int axis) => Scale(Reduce(a, [a.Shape.Length + axis]), 1.0 / Length(a, axis));

    public override OnnxValue MeanOverImages(OnnxValue images) =>
        Divide(Reduce(images, [images.Shape.Length - 3, images.Shape.Length - 2]), ImagePositions(images));

    internal override OnnxValue ImagePositions(OnnxValue images)
    {
        var rows = writer.Node("Gather", [], [ShapeOf(images), writer.Scalar(images.Shape.Length - 3L)]);
        return Scale(Cast(rows, TensorProto.Types.DataType.Float), Length(images, -2));
    }

    public override int Length(OnnxValue a, int axis) => int.TryParse(a.Shape[^-axis], CultureInfo.InvariantCulture, out var length)
        ? length
        : throw TrainerThrow.UnknownLength(axis, Axes(a));

    public override OnnxValue SplitLast(OnnxValue a, int inner) => Length(a, -1) % inner != 0
        ? throw TrainerThrow.SplitLastOf(Axes(a), inner)
        : Reshape(a, [.. a.Shape[..^1], $"{Length(a, -1) / inner}", $"{inner}"]);

    public override OnnxValue MergeLast(OnnxValue a) => Reshape(a, [.. a.Shape[..^2], $"{Length(a, -2) * Length(a, -1)}"]);

    // A product of an unknown number of rows and of positions is written rows*positions, and taken apart again there.
    public override OnnxValue SplitRows(OnnxValue a, int positions)
    {
        var rows = int.TryParse(a.Shape[^2], CultureInfo.InvariantCulture, out var known) && known % positions == 0
            ? $"{known / positions}"
            : positions == 1 ? a.Shape[^2]
            : a.Shape[^2].EndsWith($"*{positions}", StringComparison.Ordinal) ? a.Shape[^2][..^$"*{positions}".Length]
            : throw TrainerThrow.SplitRowsOf(Axes(a), positions);
        return Reshape(a, [.. a.Shape[..^2], rows, $"{positions}", a.Shape[^1]]);
    }

    public override OnnxValue MergeRows(OnnxValue a) => Reshape(a, [.. a.Shape[..^3], Product(a.Shape[^3], a.Shape[^2]), a.Shape[^1]]);

    public override OnnxValue Patches(OnnxValue images, PatchMap map)
    {
        CheckMap(images, map);
        var seen = GatherPositions(images, map.Positions, map.Forward);
        return Reshape(seen, [.. images.Shape[..^2], $"{map.Windows}", $"{map.WindowSize * Length(images, -1)}"]);
    }

    // One Conv over all images, channels first as it wants them. ONNX Runtime packs constant weights in advance; with others, a Conv is
    // slower than windows and a matrix product.
    public override OnnxValue Convolve(OnnxValue images, OnnxValue weights, PatchMap map)
    {
        if (map.Square is not { } square || !writer.Has(weights.Name))
        {
            return base.Convolve(images, weights, map);
        }

        CheckMap(images, map);
        var (channels, filters) = (Length(images, -1), Length(weights, -1));
        var kernel = Permute(Reshape(weights, [$"{square.Size}", $"{square.Size}", $"{channels}", $"{filters}"]), 3, 2, 0, 1);
        var flat = writer.Node(
            "Reshape", ["images", $"{channels}", $"{square.Height}", $"{square.Width}"],
            [Transpose(images), writer.Constant([-1L, channels, square.Height, square.Width])]);
        var convolved = writer.Node(
            "Conv", ["images", $"{filters}", $"{map.OutputHeight}", $"{map.OutputWidth}"], [flat, kernel],
            OnnxNodes.Ints("strides", square.Stride, square.Stride),
            OnnxNodes.Ints("pads", square.Padding, square.Padding, square.Padding, square.Padding));
        var leading = images.Shape[..^2];
        var shape = writer.Node(
            "Concat", [$"{images.Shape.Length}"],
            [FirstLengths(images, leading.Length), writer.Constant([filters, map.Windows])], OnnxNodes.Int("axis", 0));
        return Transpose(writer.Node("Reshape", [.. leading, $"{filters}", $"{map.Windows}"], [convolved, shape]));
    }

    // Slot by slot of all positions, so that the sum over slots is one over long rows.
    internal override OnnxValue Unpatch(OnnxValue patches, PatchMap map)
    {
        var channels = Length(patches, -1) / map.WindowSize;
        var leading = patches.Shape[..^2];
        var slots = Reshape(patches, [.. leading, $"{map.Forward.Length}", $"{channels}"]);
        long[] bySlot =
        [
            .. Enumerable.Range(0, map.MostSeen).SelectMany(slot =>
                Enumerable.Range(0, map.Positions).Select(position => map.Backward[(position * map.MostSeen) + slot])),
        ];
        var seen = Reshape(
            GatherPositions(slots, map.Forward.Length, bySlot), [.. leading, $"{map.MostSeen}", $"{map.Positions}", $"{channels}"]);
        return writer.Node(
            "ReduceSum", [.. leading, $"{map.Positions}", $"{channels}"], [seen, writer.Constant([-3L])], OnnxNodes.Int("keepdims", 0));
    }

    // Of a result that is not negative, whatever is not 0 is true.
    internal override OnnxValue ReluAdjoint(OnnxValue result, OnnxValue adjoint) => Multiply(
        adjoint, Cast(Cast(result, TensorProto.Types.DataType.Bool), TensorProto.Types.DataType.Float));

    public override OnnxValue SumTo(OnnxValue a, OnnxValue like)
    {
        if (a.SameShape(like))
        {
            return a;
        }

        // Axes in front are those that the other value was broadcast along.
        var extra = a.Shape.Length - like.Shape.Length;
        var sum = extra == 0 ? a : writer.Node(
            "ReduceSum", a.Shape[extra..], [a, writer.Constant([.. Enumerable.Range(0, extra).Select(i => (long)i)])],
            OnnxNodes.Int("keepdims", 0));
        return sum.SameShape(like)
            ? sum
            : Reduce(sum, [.. Enumerable.Range(0, sum.Shape.Length).Where(i => sum.Shape[i] != like.Shape[i])]);
    }

    public override OnnxValue ExpandTo(OnnxValue a, OnnxValue like) =>
        a.SameShape(like) ? a : writer.Node("Expand", like.Shape, [a, ShapeOf(like)]);

    public override OnnxValue PerTask(OnnxValue shared, OnnxValue batch)
    {
        if (tasks is null)
        {
            return shared;
        }

        var count = writer.Node("Gather", ["1"], [ShapeOf(batch), writer.Constant([0L])]);
        var shape = writer.Node("Concat", [$"{shared.Shape.Length + 1}"], [count, ShapeOf(shared)], OnnxNodes.Int("axis", 0));
        return writer.Node("Expand", [tasks, .. shared.Shape], [shared, shape]);
    }

    public override OnnxValue RepeatColumn(OnnxValue column, OnnxValue like)
    {
        ImmutableArray<string> repeated = [.. column.Shape[..^1], like.Shape[^1]];
        var width = writer.Node("Gather", ["1"], [ShapeOf(like), writer.Constant([like.Shape.Length - 1L])]);
        var lengths = FirstLengths(column, column.Shape.Length - 1);
        var shape = writer.Node("Concat", [$"{repeated.Length}"], [lengths, width], OnnxNodes.Int("axis", 0));
        return writer.Node("Expand", repeated, [column, shape]);
    }

    public override OnnxValue ZerosLike(OnnxValue like) => Scale(like, 0);

    public override OnnxValue Constant(float[] values, long[] shape, OnnxValue like) => writer.Constant(values, [.. shape]);

    internal override OnnxValue Spike(OnnxValue a, Surrogate surrogate) => Relu(Sign(Shift(a, -surrogate.Threshold)));

    public override OnnxValue StopGradient(OnnxValue a) => a;

    public override OnnxValue[] Steps(OnnxValue sequence) => [.. Enumerable.Range(0, Length(sequence, -2)).Select(t => writer.Node(
        "Gather", [.. sequence.Shape[..^2], sequence.Shape[^1]], [sequence, writer.Scalar(t)], OnnxNodes.Int("axis", -2)))];

    public override OnnxValue Sequence(OnnxValue[] steps)
    {
        var axis = writer.Constant([-2L]);
        OnnxValue[] rows = Array.ConvertAll(steps, s => writer.Node("Unsqueeze", [.. s.Shape[..^1], "1", s.Shape[^1]], [s, axis]));
        return writer.Node("Concat", [.. steps[0].Shape[..^1], $"{steps.Length}", steps[0].Shape[^1]], rows, OnnxNodes.Int("axis", -2));
    }

    /// <summary>A Scan node over the time axis.</summary>
    public override (OnnxValue[] States, OnnxValue[] Outputs) Scan(
        OnnxValue[] states, OnnxValue[] inputs, Func<Ops<OnnxValue>, OnnxValue[], OnnxValue[],
        (OnnxValue[] States, OnnxValue[] Outputs)> step)
    {
        var body = writer.Inner(writer.Fresh("time_step"));
        OnnxValue Declare(string hint, ImmutableArray<string> shape) =>
            body.Input(writer.Fresh(hint), TensorProto.Types.DataType.Float, shape);
        var before = Array.ConvertAll(states, s => Declare("before", s.Shape));
        var now = Array.ConvertAll(inputs, i => Declare("now", [.. i.Shape[..^2], i.Shape[^1]]));
        var (after, outputs) = step(new OnnxOps(body), before, now);
        foreach (var value in after.Concat(outputs))
        {
            body.Output(value, writer.Fresh("after"), TensorProto.Types.DataType.Float);
        }

        var time = inputs[0].Shape[^2];
        var last = Array.ConvertAll(states, s => new OnnxValue(writer.Fresh("last"), s.Shape));
        var sequences = Array.ConvertAll(outputs, o => new OnnxValue(writer.Fresh("sequence"), [.. o.Shape[..^1], time, o.Shape[^1]]));
        long[] Axes(OnnxValue[] values) => Array.ConvertAll(values, v => v.Shape.Length - 2L);
        writer.Append(
            "Scan", states.Concat(inputs).Select(v => v.Name), last.Concat(sequences).Select(v => v.Name),
            OnnxNodes.Graph("body", body.Graph), OnnxNodes.Int("num_scan_inputs", inputs.Length),
            OnnxNodes.Ints("scan_input_axes", Axes(inputs)), OnnxNodes.Ints("scan_output_axes", Axes(sequences)));
        return (last, sequences);
    }

    /// <summary>A vector of all numbers.</summary>
    public OnnxValue Flatten(OnnxValue a) =>
        Reshape(a, [$"{a.Shape.Aggregate(1L, (product, axis) => product * long.Parse(axis, CultureInfo.InvariantCulture))}"]);

    /// <summary>Σ of the squares of all values of a task: <c>[tasks]</c>.</summary>
    public OnnxValue SumOfSquaresPerTask(OnnxValue[] values) => values.Select(value => writer.Node(
        "ReduceSum", [value.Shape[0]],
        [Multiply(value, value), writer.Constant([.. Enumerable.Range(1, value.Shape.Length - 1).Select(i => (long)i)])],
        OnnxNodes.Int("keepdims", 0))).Aggregate(Add);

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
            "Gather", [.. images.Shape[..^2], $"{index.Length}", images.Shape[^1]], [padded, writer.Constant(index)],
            OnnxNodes.Int("axis", -2));
    }

    private static void CheckMap(OnnxValue images, PatchMap map)
    {
        if (Differ(images.Shape[^2], $"{map.Positions}"))
        {
            throw TrainerThrow.PatchesOf(map.Positions, Axes(images));
        }
    }

    private OnnxValue Permute(OnnxValue a, params ReadOnlySpan<int> order)
    {
        var axes = order.ToArray();
        return writer.Node(
            "Transpose", [.. axes.Select(i => a.Shape[i])], [a], OnnxNodes.Ints("perm", Array.ConvertAll(axes, i => (long)i)));
    }

    private OnnxValue Reshape(OnnxValue a, ImmutableArray<string> shape)
    {
        // Of the axes whose length is not known, those in the same place are copied (0),
        // and the one that is left the runtime works out (-1).
        var lengths = shape.Select((axis, i) => long.TryParse(axis, CultureInfo.InvariantCulture, out var length) ? length
            : i < a.Shape.Length && a.Shape[i] == axis ? 0
            : -1).ToArray();
        return writer.Node("Reshape", shape, [a, writer.Constant(lengths)]);
    }

    private static string Product(string a, string b) =>
        int.TryParse(a, CultureInfo.InvariantCulture, out var x) && int.TryParse(b, CultureInfo.InvariantCulture, out var y) ? $"{x * y}"
        : b == "1" ? a
        : $"{a}*{b}";

    /// <summary>The lengths of the first axes.</summary>
    private OnnxValue FirstLengths(OnnxValue a, int axes) => writer.Node(
        "Gather", [$"{axes}"], [ShapeOf(a), writer.Constant([.. Enumerable.Range(0, axes).Select(i => (long)i)])]);

    private OnnxValue ShapeOf(OnnxValue a) => writer.Node("Shape", [$"{a.Shape.Length}"], [a]);

    private OnnxValue Cast(OnnxValue a, TensorProto.Types.DataType to) =>
        writer.Node("Cast", a.Shape, [a], OnnxNodes.Int("to", (long)to));

    private OnnxValue Unary(string type, OnnxValue a) => writer.Node(type, a.Shape, [a]);

    private OnnxValue Binary(string type, OnnxValue a, OnnxValue b) => writer.Node(type, Broadcast(type, a.Shape, b.Shape), [a, b]);

    private static ImmutableArray<string> Broadcast(string type, ImmutableArray<string> a, ImmutableArray<string> b)
    {
        var (longer, shorter) = a.Length >= b.Length ? (a, b) : (b, a);
        var offset = longer.Length - shorter.Length;
        return [.. longer.Select((length, i) =>
        {
            var other = i < offset ? "1" : shorter[i - offset];
            return other == "1" || other == length ? length
                : length == "1" ? other
                : throw TrainerThrow.BroadcastOf(type, Axes(a), Axes(b));
        })];
    }

    /// <summary>Whether two lengths are known, and are not the same.</summary>
    private static bool Differ(string a, string b) => a != b && int.TryParse(a, CultureInfo.InvariantCulture, out _)
        && int.TryParse(b, CultureInfo.InvariantCulture, out _);

    private static string Axes(OnnxValue value) => Axes(value.Shape);

    private static string Axes(ImmutableArray<string> shape) => $"[{string.Join(", ", shape)}]";
}
