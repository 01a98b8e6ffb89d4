using System.Collections.Frozen;
using System.Globalization;
using Google.Protobuf;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using MLNetMeta.Transforms;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>Writes a learner as one ONNX model whose graph is the free phase; the format is described in docs/learner-file.md.</summary>
internal static class LearnerFileWriter
{
    /// <summary>Values of the file that are no parameters.</summary>
    private static readonly FrozenSet<string> _reserved = FrozenSet.Create(
        "features.mean", "features.scale", "targets.mean", "targets.scale", "scores.mean", "scores.scale", "calibration.slope",
        "calibration.intercept", "zero_one", "one", "classes", LearnerGraph.SupportFeatures, LearnerGraph.SupportLabels,
        LearnerGraph.SupportWeights, LearnerGraph.QueryFeatures, LearnerGraph.Steps, LearnerGraph.Scores, LearnerGraph.HalfWidths);

    public static byte[] Write(ILearner learner, float[] theta, LearnerFileContents contents)
    {
        var root = new GraphWriter(learner.Kind);
        var isClassification = learner.Loss == TaskLoss.CrossEntropy;
        var consolidated = Consolidated(root, learner, theta);

        var input = new TaskInput(root, learner, contents);
        var support = input.Add(LearnerGraph.SupportFeatures, LearnerGraph.SupportLabels, LearnerGraph.SupportWeights, "support");
        var query = root.Input(LearnerGraph.QueryFeatures, DataType.Float, "queries", $"{learner.Network.Inputs}");
        root.Graph.Input.Add(OnnxValues.Int64(LearnerGraph.Steps));
        var steps = new OnnxValue(LearnerGraph.Steps, []);

        var intervals = contents.Intervals is { } fitted ? new IntervalGraph(root, fitted, contents.Targets!.Scale) : null;
        var (adapted, ofTask) = Adapt(root, learner, consolidated, support, contents, steps, intervals);
        // A reader may cut the file in two here.
        root.Part();
        var standardized = input.Standardize(query, contents.Features, "features");
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
            Improvement = contents.Improvement is { } settings ? ImprovementWriter.Write(learner, theta, contents, settings) : null,
        };
        return LearnerFile.Write(OnnxModels.Create(root.Graph, metadata.ToProperties()));
    }

    /// <summary>θ as the inner loop uses it, as numbers: computed by the operators that write graphs, in ONNX Runtime.</summary>
    private static NamedValues<OnnxValue> Consolidated(GraphWriter root, ILearner learner, float[] theta)
    {
        var (graph, consolidated) = ConsolidationGraph.Write(learner);
        if (consolidated.Names.FirstOrDefault(_reserved.Contains) is { } reserved)
        {
            throw TrainerThrow.ReservedName(learner.Kind, reserved);
        }

        using var session = new GraphSession(graph, ExecutionProvider.Cpu);
        var numbers = session.Run(
            [(MetaTrainingGraph.Theta, theta, [theta.Length])], [], [.. consolidated.Names.Select(MetaTrainingGraph.Consolidated)],
            CancellationToken.None);
        return consolidated.With(consolidated.Names.Select((name, i) => root.Initializer(
            name, numbers[i], [.. consolidated.Values[i].Shape.Select(axis => long.Parse(axis, CultureInfo.InvariantCulture))])).ToArray());
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
        var columns = learner.Outputs?.ToString(CultureInfo.InvariantCulture) ?? "classes";
        if (predictions.Shape is not [var rows, var outputs] || rows != query.Shape[0] || outputs != columns)
        {
            throw TrainerThrow.PredictionShape(learner.Kind, string.Join(", ", predictions.Shape), $"{query.Shape[0]}, {columns}");
        }

        if (contents.Targets is not { } targets)
        {
            return ops.Softmax(predictions);
        }

        return ops.Add(
            ops.Multiply(predictions, root.Initializer("scores.scale", targets.Scale, 1, targets.Scale.Length)),
            root.Initializer("scores.mean", targets.Mean, 1, targets.Mean.Length));
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
