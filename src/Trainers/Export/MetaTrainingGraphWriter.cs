using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Rules;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>
/// Writes the contrastive rule as one ONNX graph of standard operators: θ and the rows of some tasks in, Σ ĝ_θ out. Free phase and nudged
/// phases are Loop nodes, the contrast is <see cref="AugmentedLoss.SlowGradient"/> behind them.
/// </summary>
/// <remarks>
/// ĝ = (1/β) Σₖ wₖ · ∂θ 𝓛(φ̂(kβ), θ; kβ), as <see cref="ContrastiveRule"/> computes it in torch, from the same code. Only forward dynamics
/// are needed: no second derivatives, nothing is remembered of a phase but its end. Number of tasks, rows and classes are free.
/// </remarks>
internal static class MetaTrainingGraphWriter
{
    private const string Tasks = "tasks";

    /// <summary>A graph for contributions.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="rule">The rule, with a strength.</param>
    /// <param name="free">The free phase, whose number of steps is an input.</param>
    public static byte[] Write(ILearner learner, ContrastiveSettings rule, Phase free) =>
        Write(learner, rule, Begin(learner, free, "meta_training", root => Batch(root, learner)));

    /// <summary>
    /// The same of one task, whose rows are in the units of the data, as those of the learner file: what an app contributes by.
    /// </summary>
    public static byte[] WriteOfOneTask(ILearner learner, ContrastiveSettings rule, Phase free, LearnerFileContents contents) =>
        Write(learner, rule, Begin(learner, free, "contribution", root => OneTask(root, learner, contents)));

    private static byte[] Write(ILearner learner, ContrastiveSettings rule, Graph graph)
    {
        var nudgedSteps = Count(graph.Root, MetaTrainingGraph.NudgedSteps);
        var nudged = rule.NudgedPhase(graph.Free);
        var beta = rule.Strength!.Value;
        var ends = new List<PhaseEnd<OnnxValue>>();
        var squares = new List<OnnxValue>();
        foreach (var (node, weight) in Stencil.Of(rule.Stencil).Terms)
        {
            var phi = graph.FreeEnd;
            if (node != 0)
            {
                (phi, var residual) = graph.Phases.Append(
                    graph.FreeEnd, node * beta, nudged.Optimizer, nudgedSteps, graph.Root.Fresh("nudged") + ".", withGradient: true);
                squares.Add(graph.Ops.SumOfSquaresPerTask(residual));
            }

            ends.Add(new PhaseEnd<OnnxValue>(phi, node * beta, weight / beta));
        }

        var gradient = AugmentedLoss.SlowGradient(graph.Ops, learner, ends, graph.Pass);
        var flat = Array.ConvertAll(gradient, (OnnxValue g) => graph.Ops.Flatten(g));
        graph.Root.Output(
            graph.Root.Node("Concat", [$"{learner.Slow.Sum(s => s.Size)}"], flat, OnnxNodes.Int("axis", 0)), MetaTrainingGraph.Gradient,
            DataType.Float);
        // One phase after the other.
        graph.Root.Output(
            graph.Root.Node("Concat", [$"{squares.Count}*{Tasks}"], [.. squares], OnnxNodes.Int("axis", 0)),
            MetaTrainingGraph.NudgedSquares,
            DataType.Float);
        return Finish(graph, learner, [
            new("mlnetmeta.stencil", rule.Stencil.ToString()),
            new("mlnetmeta.nudging_strength", beta.ToString("R", CultureInfo.InvariantCulture)),
            new("mlnetmeta.nudged_optimizer", nudged.Optimizer.Describe()),
        ]);
    }

    /// <summary>A graph for validation: the free phase, and the evaluation loss and the predictions behind it.</summary>
    public static byte[] WriteEvaluation(ILearner learner, Phase free)
    {
        var graph = Begin(learner, free, "evaluation", root => Batch(root, learner));
        var predictions = learner.Predict(graph.Ops, graph.FreeEnd, graph.Phases.Consolidated, graph.Phases.Query.Features);
        graph.Root.Output(predictions, MetaTrainingGraph.Predictions, DataType.Float);
        return Finish(graph, learner, []);
    }

    private sealed record Graph(
        GraphWriter Root, OnnxOps Ops, SlowPass<OnnxValue> Pass, PhaseGraph Phases, NamedValues<OnnxValue> FreeEnd, Phase Free,
        string Kind);

    private static Graph Begin(
        ILearner learner, Phase free, string kind, Func<GraphWriter, (Rows<OnnxValue> Support, Rows<OnnxValue> Query)> input)
    {
        var root = new GraphWriter(kind);
        var ops = new OnnxOps(root, Tasks);
        var theta = ThetaVector.Split(root, learner);
        var (support, query) = input(root);
        var pass = new SlowPass<OnnxValue>(ops, learner, theta, support, query);
        var phases = new PhaseGraph(root, learner, pass.Consolidated, pass.Support, pass.Query);
        var (end, residual) = phases.Append(
            learner.InitialFast(ops, pass.Consolidated, phases.Support), 0, free.Optimizer, Count(root, MetaTrainingGraph.FreeSteps),
            "free.", withGradient: true);
        root.Output(
            learner.EvaluationLoss(ops, end, pass.Consolidated, phases.Query), MetaTrainingGraph.EvaluationLoss, DataType.Float);
        root.Output(ops.SumOfSquaresPerTask(residual), MetaTrainingGraph.FreeSquares, DataType.Float);
        return new Graph(root, ops, pass, phases, end, free, kind);
    }

    private static byte[] Finish(Graph graph, ILearner learner, KeyValuePair<string, string>[] ofTheRule) => OnnxModels.Create(
        graph.Root.Graph,
        [
            new("mlnetmeta.graph", graph.Kind), new("mlnetmeta.graph_version", "1"), new("mlnetmeta.kind", learner.Kind),
            new("mlnetmeta.network", learner.Network.Describe()), new("mlnetmeta.inner_optimizer", graph.Free.Optimizer.Describe()),
            .. ofTheRule,
        ]).ToByteArray();

    /// <summary>Rows of several tasks, standardised and padded.</summary>
    private static (Rows<OnnxValue> Support, Rows<OnnxValue> Query) Batch(GraphWriter root, ILearner learner) => (
        Rows(
            root, learner, "support", MetaTrainingGraph.SupportFeatures, MetaTrainingGraph.SupportTargets,
            MetaTrainingGraph.SupportWeights),
        Rows(
            root, learner, "query", MetaTrainingGraph.QueryFeatures, MetaTrainingGraph.QueryTargets, MetaTrainingGraph.QueryWeights));

    /// <summary>Rows of a task, which is a batch of one.</summary>
    private static (Rows<OnnxValue> Support, Rows<OnnxValue> Query) OneTask(
        GraphWriter root, ILearner learner, LearnerFileContents contents)
    {
        var input = new TaskInput(root, learner, contents);
        var support = input.Add(LearnerGraph.SupportFeatures, LearnerGraph.SupportLabels, LearnerGraph.SupportWeights, "support");
        var query = input.Add(
            MetaTrainingGraph.QueryFeatures, MetaTrainingGraph.QueryLabels, MetaTrainingGraph.QueryWeights, "query");
        return (AsBatch(support), AsBatch(query));

        Rows<OnnxValue> AsBatch(Rows<OnnxValue> rows) => new(Front(rows.Features), Front(rows.Targets), Front(rows.Weights));

        OnnxValue Front(OnnxValue value) => root.Node("Unsqueeze", [Tasks, .. value.Shape], [value, root.Constant([0L])]);
    }

    private static Rows<OnnxValue> Rows(GraphWriter root, ILearner learner, string rows, string features, string targets, string weights)
    {
        var columns = Columns(learner);
        return new Rows<OnnxValue>(
            root.Input(features, DataType.Float, Tasks, rows, $"{learner.Network.Inputs}"),
            root.Input(targets, DataType.Float, Tasks, rows, columns),
            root.Input(weights, DataType.Float, Tasks, rows, learner.Loss == TaskLoss.ObservedSquaredError ? columns : "1"));
    }

    /// <summary>Columns of the targets: those of the predictions, or as many as the tasks at hand have classes.</summary>
    private static string Columns(ILearner learner) => learner.Outputs?.ToString(CultureInfo.InvariantCulture) ?? "classes";

    private static OnnxValue Count(GraphWriter root, string name)
    {
        root.Graph.Input.Add(OnnxValues.Int64(name));
        return new OnnxValue(name, []);
    }
}
