using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>
/// The labelled rows of one task as inputs of a graph, in the units of the data, and what makes of them what losses take: standardisation,
/// one-hot classes, each row's share of the loss.
/// </summary>
/// <param name="root">The graph.</param>
/// <param name="learner">Who learns from them.</param>
/// <param name="contents">How they are standardised; classes.</param>
internal sealed class TaskInput(GraphWriter root, ILearner learner, LearnerFileContents contents)
{
    private readonly OnnxOps _ops = new(root);

    // Query rows have the classes of the support rows.
    private OnnxValue? _classCount;

    /// <summary>Adds inputs for rows; support rows first.</summary>
    /// <param name="featuresName">Input <c>[rows, features]</c>.</param>
    /// <param name="labelsName">Input: class indices <c>[rows]</c>, or targets <c>[rows, outputs]</c>.</param>
    /// <param name="weightsName">Input <c>[rows]</c>, where rows have weights.</param>
    /// <param name="rows">Name of the axis.</param>
    public Rows<OnnxValue> Add(string featuresName, string labelsName, string weightsName, string rows)
    {
        var raw = root.Input(featuresName, DataType.Float, rows, $"{learner.Network.Inputs}");
        OnnxValue? given = contents.HasWeights ? root.Input(weightsName, DataType.Float, rows) : null;
        if (contents.Targets is not { } targets)
        {
            var classes = OneHot(root.Input(labelsName, DataType.Int64, rows), rows);
            return new Rows<OnnxValue>(Standardize(raw, contents.Features, "features"), classes, Shares(raw, given, rows));
        }

        var labels = root.Input(labelsName, DataType.Float, rows, $"{targets.Mean.Length}");
        var standardized = Standardize(labels, targets, "targets");
        var features = Standardize(raw, contents.Features, "features");
        return learner.Loss == TaskLoss.ObservedSquaredError
            ? Observed(features, labels, standardized, given, rows)
            : new Rows<OnnxValue>(features, standardized, Shares(raw, given, rows));
    }

    /// <summary>(raw − mean) / scale. Support and query rows share the initializers, which are written once.</summary>
    public OnnxValue Standardize(OnnxValue raw, Standardization by, string name)
    {
        return _ops.Divide(_ops.Subtract(raw, Known("mean", by.Mean)), Known("scale", by.Scale));

        OnnxValue Known(string suffix, float[] values) => root.Has($"{name}.{suffix}")
            ? new OnnxValue($"{name}.{suffix}", ["1", $"{values.Length}"])
            : root.Initializer($"{name}.{suffix}", values, 1, values.Length);
    }

    private OnnxValue OneHot(OnnxValue labels, string rows)
    {
        _classCount ??= contents.Classes is { } known
            ? root.Initializer("classes", [(long)known.Length])
            : root.Node("Add", [], [root.Node("ReduceMax", [], [labels], OnnxNodes.Int("keepdims", 0)), root.Initializer("one", [1L])]);
        var zeroOne = root.Has("zero_one") ? new OnnxValue("zero_one", ["2"]) : root.Initializer("zero_one", [0f, 1f], 2);
        return root.Node(
            "OneHot", [rows, contents.Classes is { } shared ? $"{shared.Length}" : "classes"], [labels, _classCount, zeroOne],
            OnnxNodes.Int("axis", -1));
    }

    /// <summary>Each row's share of the loss: 1 / rows, or its weight over that of all rows.</summary>
    private OnnxValue Shares(OnnxValue features, OnnxValue? given, string rows)
    {
        if (given is { } weightOf)
        {
            var column = Column(weightOf, rows);
            return root.Node("Div", [rows, "1"], [column, root.Node("ReduceSum", [], [column], OnnxNodes.Int("keepdims", 0))]);
        }

        var count = root.Node("Gather", ["1"], [root.Node("Shape", ["2"], [features]), root.Constant([0L])]);
        var share = root.Node("Reciprocal", ["1"], [root.Node("Cast", ["1"], [count], OnnxNodes.Int("to", (long)DataType.Float))]);
        var shape = root.Node("Concat", ["2"], [count, root.Constant([1L])], OnnxNodes.Int("axis", 0));
        return root.Node("Expand", [rows, "1"], [share, shape]);
    }

    /// <summary>Targets that are not NaN have the same share of the loss, or one by the weight of their row.</summary>
    private Rows<OnnxValue> Observed(OnnxValue features, OnnxValue raw, OnnxValue targets, OnnxValue? given, string rows)
    {
        var missing = root.Node("IsNaN", raw.Shape, [raw]);
        var observed = root.Node("Cast", raw.Shape, [root.Node("Not", raw.Shape, [missing])], OnnxNodes.Int("to", (long)DataType.Float));
        if (given is { } weightOf)
        {
            observed = root.Node("Mul", raw.Shape, [observed, Column(weightOf, rows)]);
        }

        var count = root.Node("Max", [], [root.Node("ReduceSum", [], [observed], OnnxNodes.Int("keepdims", 0)), root.Constant(1e-30f)]);
        return new Rows<OnnxValue>(
            features, root.Node("Where", raw.Shape, [missing, root.Constant(0f), targets]), root.Node("Div", raw.Shape, [observed, count]));
    }

    private OnnxValue Column(OnnxValue vector, string rows) => root.Node("Unsqueeze", [rows, "1"], [vector, root.Constant([1L])]);
}
