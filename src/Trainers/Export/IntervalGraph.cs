using MLNetMeta.Trainers.Operators;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>Writes <see cref="Intervals"/> into a learner file: what depends on the task when it adapts, the rest when it scores.</summary>
/// <param name="root">The graph.</param>
/// <param name="intervals">The intervals.</param>
/// <param name="unit">Standard deviation of each target.</param>
internal sealed class IntervalGraph(GraphWriter root, Intervals intervals, float[] unit)
{
    private readonly OnnxOps _ops = new(root);

    /// <summary>The task's part: the half-width at the mean of the support <c>[1, outputs]</c>, and that mean <c>[1,
    /// features]</c>.</summary>
    /// <param name="features">Standardised support features <c>[support, features]</c>.</param>
    /// <param name="predictions">What is predicted of the support after adaptation, <c>[support, outputs]</c>, standardised.</param>
    /// <param name="support">The support's targets and weights.</param>
    /// <param name="steps">Inner steps; without any, nothing was learned from the support.</param>
    public (OnnxValue HalfWidth, OnnxValue Centre) OfTask(
        OnnxValue features, OnnxValue predictions, Rows<OnnxValue> support, OnnxValue steps)
    {
        var error = _ops.Subtract(predictions, support.Targets);
        var mean = _ops.Divide(
            SumOverRows(_ops.Multiply(_ops.Multiply(error, error), support.Weights)),
            root.Node("Max", ["1", support.Weights.Shape[^1]], [SumOverRows(support.Weights), root.Constant(1e-12f)]));
        var residual = root.Node("Max", mean.Shape, [_ops.Sqrt(mean), root.Constant((float)Intervals.SmallestResidual)]);
        var logScale = _ops.Add(
            _ops.Scale(Log(residual), intervals.ResidualExponent),
            _ops.Scale(LogOfRows(root, features, intervals.FewestRows, intervals.MostRows), intervals.RowExponent));
        var adapted = _ops.Multiply(_ops.Exp(logScale), Numbers("interval.factors", [.. intervals.Factors]));
        var unadapted = Numbers("interval.unadapted", [.. intervals.Unadapted]);
        var isUnadapted = root.Node("Equal", [], [steps, root.Scalar(0)]);
        var centre = root.Node("ReduceMean", ["1", features.Shape[^1]], [features], OnnxNodes.Ints("axes", 0));
        return (Named(root.Node("Where", unadapted.Shape, [isUnadapted, unadapted, adapted]), "interval.half_width"),
            Named(root.Node("Where", centre.Shape, [isUnadapted, root.Constant(0f), centre]), "interval.centre"));
    }

    /// <summary>Half-widths of queries <c>[queries, outputs]</c>.</summary>
    /// <param name="query">Standardised query features.</param>
    /// <param name="task">What <see cref="OfTask"/> returned.</param>
    public OnnxValue OfQueries(OnnxValue query, (OnnxValue HalfWidth, OnnxValue Centre) task)
    {
        var difference = _ops.Subtract(query, task.Centre);
        var distance = _ops.Sqrt(_ops.Mean(_ops.Multiply(difference, difference), -1));
        return _ops.Multiply(_ops.Exp(_ops.Scale(Log(_ops.Shift(distance, 1)), intervals.DistanceExponent)), task.HalfWidth);
    }

    /// <summary>log n of the number of rows, <c>[1]</c>, which is kept within a range.</summary>
    public static OnnxValue LogOfRows(GraphWriter root, OnnxValue features, int fewest, int most)
    {
        var count = root.Node(
            "Cast", ["1"], [root.Node("Gather", ["1"], [root.Node("Shape", ["2"], [features]), root.Constant([0L])])],
            OnnxNodes.Int("to", (long)DataType.Float));
        return root.Node("Log", ["1"], [root.Node("Clip", ["1"], [count, root.Constant((float)fewest), root.Constant((float)most)])]);
    }

    private OnnxValue Log(OnnxValue a) => root.Node("Log", a.Shape, [a]);

    private OnnxValue SumOverRows(OnnxValue a) => root.Node("ReduceSum", ["1", a.Shape[^1]], [a, root.Constant([0L])]);

    private OnnxValue Numbers(string name, float[] standardized) =>
        root.Initializer(name, [.. standardized.Zip(unit, (number, scale) => number * scale)], 1, unit.Length);

    private OnnxValue Named(OnnxValue value, string name)
    {
        var output = LearnerGraph.AdaptedPrefix + name;
        root.Append("Identity", [value.Name], [output]);
        return value with { Name = output };
    }
}
