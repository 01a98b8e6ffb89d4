using System.Globalization;
using Google.Protobuf;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Transforms;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>Writes a learner as one ONNX model whose graph is the free phase; the format is described in docs/learner-file.md.</summary>
internal static class LearnerFileWriter
{
    public static byte[] Write(ILearner learner, float[] theta, LearnerFileContents contents)
    {
        var root = new GraphWriter(learner.Kind);
        var isClassification = learner.Loss == TaskLoss.CrossEntropy;
        var consolidated = Consolidated(root, learner, theta);

        var support = Support(root, learner, contents, isClassification);
        var query = root.Input(LearnerGraph.QueryFeatures, DataType.Float, "queries", $"{learner.Network.Inputs}");
        root.Graph.Input.Add(OnnxValues.Int64(LearnerGraph.Steps));
        var steps = new OnnxValue(LearnerGraph.Steps, []);

        var intervals = contents.Intervals is { } fitted ? new IntervalGraph(root, fitted, contents.Targets!.Scale) : null;
        var (adapted, ofTask) = Adapt(root, learner, consolidated, support, contents, steps, intervals);
        // A reader may cut the file in two here.
        root.Part();
        var standardized = Standardize(root, query, contents.Features, "features");
        var scores = Score(new OnnxOps(root), learner, consolidated, adapted, standardized, contents, root);
        root.Output(scores, LearnerGraph.Scores, DataType.Float);
        if (intervals is not null)
        {
            root.Output(intervals.OfQueries(standardized, ofTask!.Value), LearnerGraph.HalfWidths, DataType.Float);
        }

        OnnxValue[] ofIntervals = ofTask is { } task ? [task.HalfWidth, task.Centre] : [];
        foreach (var parameter in adapted.Values.Concat(ofIntervals))
        {
            root.DeclareOutput(parameter, DataType.Float);
        }

        var metadata = Metadata(learner, contents, isClassification) with
        {
            Standardization = new("features.mean", "features.scale", standardized.Name),
        };
        return LearnerFile.Write(OnnxModels.Create(root.Graph, metadata.ToProperties()));
    }

    /// <summary>θ as the inner loop uses it, as numbers: computed by the operators that write graphs, in ONNX Runtime.</summary>
    private static NamedValues<OnnxValue> Consolidated(GraphWriter root, ILearner learner, float[] theta)
    {
        var writer = new GraphWriter("consolidated");
        var next = 0;
        var slow = new NamedValues<OnnxValue>(
            [.. learner.Slow.Select(s => s.Name)],
            [.. learner.Slow.Select(s =>
            {
                var values = theta.AsSpan(next, (int)s.Size);
                next += (int)s.Size;
                return writer.Initializer(s.Name, values, s.Shape);
            })]);
        var consolidated = learner.Consolidated(new OnnxOps(writer), slow);
        foreach (var (name, value) in consolidated.Names.Zip(consolidated.Values))
        {
            writer.Output(value, $"out.{name}", DataType.Float);
        }

        using var session = new GraphSession(OnnxModels.Create(writer.Graph).ToByteArray(), ExecutionProvider.Cpu);
        var numbers = session.Run([], [], [.. consolidated.Names.Select(name => $"out.{name}")], CancellationToken.None);
        return consolidated.With(consolidated.Names.Select((name, i) => root.Initializer(
            name, numbers[i], [.. consolidated.Values[i].Shape.Select(axis => long.Parse(axis, CultureInfo.InvariantCulture))])).ToArray());
    }

    private static Rows<OnnxValue> Support(GraphWriter root, ILearner learner, LearnerFileContents contents, bool isClassification)
    {
        var features = root.Input(LearnerGraph.SupportFeatures, DataType.Float, "support", $"{learner.Network.Inputs}");
        OnnxValue? given = contents.HasWeights ? root.Input(LearnerGraph.SupportWeights, DataType.Float, "support") : null;
        OnnxValue targets;
        if (isClassification)
        {
            var labels = root.Input(LearnerGraph.SupportLabels, DataType.Int64, "support");
            var zeroOne = root.Initializer("zero_one", [0f, 1f], 2);
            var one = root.Initializer("one", [1L]);
            var depth = contents.Classes is { } classes
                ? root.Initializer("classes", [(long)classes.Length])
                : root.Node("Add", [], [root.Node("ReduceMax", [], [labels], OnnxNodes.Int("keepdims", 0)), one]);
            targets = root.Node(
                "OneHot", ["support", contents.Classes is { } shared ? $"{shared.Length}" : "classes"], [labels, depth, zeroOne],
                OnnxNodes.Int("axis", -1));
        }
        else
        {
            var raw = root.Input(LearnerGraph.SupportLabels, DataType.Float, "support", $"{contents.Targets!.Mean.Length}");
            targets = Standardize(root, raw, contents.Targets, "targets");
            if (learner.Loss == TaskLoss.ObservedSquaredError)
            {
                return Observed(root, Standardize(root, features, contents.Features, "features"), raw, targets, given);
            }
        }

        if (given is { } weightOf)
        {
            // A row's share of the loss is its weight over that of all rows.
            var column = root.Node("Unsqueeze", ["support", "1"], [weightOf, root.Constant([1L])]);
            var shares = root.Node(
                "Div", ["support", "1"], [column, root.Node("ReduceSum", [], [column], OnnxNodes.Int("keepdims", 0))]);
            return new Rows<OnnxValue>(Standardize(root, features, contents.Features, "features"), targets, shares);
        }

        // Every support row has the same share of the loss, 1 / rows.
        var rows = root.Node("Gather", ["1"], [root.Node("Shape", ["2"], [features]), root.Constant([0L])]);
        var share = root.Node("Reciprocal", ["1"], [root.Node("Cast", ["1"], [rows], OnnxNodes.Int("to", (long)DataType.Float))]);
        var shape = root.Node("Concat", ["2"], [rows, root.Constant([1L])], OnnxNodes.Int("axis", 0));
        var weights = root.Node("Expand", ["support", "1"], [share, shape]);
        return new Rows<OnnxValue>(Standardize(root, features, contents.Features, "features"), targets, weights);
    }

    /// <summary>Targets that are not NaN have the same share of the loss, or one by the weight of their row.</summary>
    private static Rows<OnnxValue> Observed(GraphWriter root, OnnxValue features, OnnxValue raw, OnnxValue targets, OnnxValue? given)
    {
        var missing = root.Node("IsNaN", raw.Shape, [raw]);
        var observed = root.Node("Cast", raw.Shape, [root.Node("Not", raw.Shape, [missing])], OnnxNodes.Int("to", (long)DataType.Float));
        if (given is { } weightOf)
        {
            observed = root.Node("Mul", raw.Shape, [observed, root.Node("Unsqueeze", ["support", "1"], [weightOf, root.Constant([1L])])]);
        }

        var count = root.Node("Max", [], [root.Node("ReduceSum", [], [observed], OnnxNodes.Int("keepdims", 0)), root.Constant(1e-30f)]);
        return new Rows<OnnxValue>(
            features, root.Node("Where", raw.Shape, [missing, root.Constant(0f), targets]), root.Node("Div", raw.Shape, [observed, count]));
    }

    private static (NamedValues<OnnxValue> Adapted, (OnnxValue HalfWidth, OnnxValue Centre)? OfTask) Adapt(
        GraphWriter root, ILearner learner, NamedValues<OnnxValue> consolidated, Rows<OnnxValue> support,
        LearnerFileContents contents, OnnxValue steps, IntervalGraph? intervals)
    {
        var ops = new OnnxOps(root);
        var rows = support.Features;
        consolidated = learner.InTask(ops, consolidated, support);
        support = AugmentedLoss.Encode(ops, learner, consolidated, support);
        var initial = learner.InitialFast(ops, consolidated, support);
        var phase = new PhaseGraph(root, learner, consolidated, support, support);
        var adapted = contents.Calibration is { } calibration
            ? Calibrated(root, phase.Append(initial, beta: 0, contents.Free.Optimizer, steps, "settled.").Phi, calibration, rows)
            : phase.Append(initial, beta: 0, contents.Free.Optimizer, steps, LearnerGraph.AdaptedPrefix).Phi;
        return (adapted, intervals?.OfTask(rows, learner.Predict(ops, adapted, consolidated, support.Features), support, steps));
    }

    /// <summary>Logits are linear in the readout, so that dividing the adapted one divides them by the temperature, whoever
    /// scores.</summary>
    private static NamedValues<OnnxValue> Calibrated(
        GraphWriter root, NamedValues<OnnxValue> settled, Calibration calibration, OnnxValue supportFeatures)
    {
        var ops = new OnnxOps(root);
        var rows = IntervalGraph.LogOfRows(root, supportFeatures, calibration.FewestRows, calibration.MostRows);
        var temperature = ops.Exp(ops.Add(
            ops.Multiply(rows, root.Initializer("calibration.slope", [(float)calibration.Slope], 1)),
            root.Initializer("calibration.intercept", [(float)calibration.Intercept], 1)));
        var adapted = settled.Names.Zip(settled.Values, (name, value) =>
        {
            var output = LearnerGraph.AdaptedPrefix + name;
            string[] inputs = name.StartsWith("head.", StringComparison.Ordinal) ? [value.Name, temperature.Name] : [value.Name];
            root.Append(inputs.Length == 2 ? "Div" : "Identity", inputs, [output]);
            return value with { Name = output };
        });
        return settled.With(adapted.ToArray());
    }

    private static OnnxValue Score(
        OnnxOps ops, ILearner learner, NamedValues<OnnxValue> consolidated, NamedValues<OnnxValue> adapted, OnnxValue query,
        LearnerFileContents contents, GraphWriter root)
    {
        var predictions = learner.Predict(ops, adapted, consolidated, learner.Encode(ops, consolidated, query));
        if (contents.Targets is not { } targets)
        {
            return ops.Softmax(predictions);
        }

        return ops.Add(
            ops.Multiply(predictions, root.Initializer("scores.scale", targets.Scale, 1, targets.Scale.Length)),
            root.Initializer("scores.mean", targets.Mean, 1, targets.Mean.Length));
    }

    private static OnnxValue Standardize(GraphWriter root, OnnxValue raw, Standardization by, string name)
    {
        // Written once; support and query rows share the initializers.
        OnnxValue Known(string suffix, float[] values) => root.Graph.Initializer.Any(i => i.Name == $"{name}.{suffix}")
            ? new OnnxValue($"{name}.{suffix}", ["1", $"{values.Length}"])
            : root.Initializer($"{name}.{suffix}", values, 1, values.Length);

        var ops = new OnnxOps(root);
        return ops.Divide(ops.Subtract(raw, Known("mean", by.Mean)), Known("scale", by.Scale));
    }

    private static LearnerMetadata Metadata(ILearner learner, LearnerFileContents contents, bool isClassification) => new()
    {
        Kind = learner.Kind,
        Task = isClassification ? MetaTask.Classification : MetaTask.Regression,
        Labels = !isClassification ? LabelSemantics.Targets
            : contents.IsBinary ? LabelSemantics.Binary
            : contents.Classes is null ? LabelSemantics.Episodes
            : LabelSemantics.Shared,
        Classes = contents.Classes ?? [],
        FeatureCount = learner.Network.Inputs,
        ExampleWeights = contents.HasWeights,
        MissingTargets = learner.Loss == TaskLoss.ObservedSquaredError,
        OutputCount = contents.Targets?.Mean.Length ?? contents.Classes?.Length,
        Steps = contents.Free.Steps,
        InnerOptimizer = contents.Free.Optimizer.Describe(),
        Network = learner.Network.Describe(),
        IsTransductive = learner.Network.IsTransductive,
        IntervalCoverage = contents.Intervals?.Coverage,
    };
}
