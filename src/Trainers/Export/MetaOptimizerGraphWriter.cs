using Google.Protobuf;
using MLNetMeta.Trainers.Operators;
using MLNetMeta.Trainers.Optimizers;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>Writes one step of the meta-optimiser as an ONNX graph, so that θ can be updated where there is only ONNX Runtime.</summary>
/// <remarks>
/// The graph clips the meta-gradient as <see cref="Training.MetaOptimizer"/> does. The steps of all optimisers are proportional to the
/// learning rate, so the graph takes a step of rate 1 from 0 and multiplies it by its input <c>learning_rate</c>.
/// </remarks>
internal static class MetaOptimizerGraphWriter
{
    /// <param name="optimizer">The optimiser; its learning rate is an input.</param>
    /// <param name="clipNorm">Largest norm of a gradient; null for no limit.</param>
    /// <param name="size">Numbers in θ.</param>
    public static (byte[] Model, OptimizerSlot[] State) Write(Optimizer optimizer, double? clipNorm, int size)
    {
        var rule = optimizer.Rule();
        var root = new GraphWriter("meta_optimizer");
        var ops = new OnnxOps(root);
        var theta = root.Input(MetaTrainingGraph.Theta, DataType.Float, $"{size}");
        var gradient = root.Input(MetaTrainingGraph.Gradient, DataType.Float, $"{size}");
        var rate = root.Input(MetaTrainingGraph.LearningRate, DataType.Float);
        var initial = rule.Initial(HostVectorOps.Instance, [new float[size]]);
        var slots = Array.ConvertAll(initial.Flatten(), Slot);
        var before = slots.Select((slot, i) => slot.Length is { } length
            ? root.Input(MetaTrainingGraph.State(i), DataType.Float, $"{length}")
            : root.Input(MetaTrainingGraph.State(i), DataType.Float)).ToArray();

        var (step, after) = rule.Step(
            ops, [ops.ZerosLike(theta)], [Clip(root, ops, gradient, clipNorm)], initial.With<OnnxValue>(before), learningRate: 1);
        root.Output(ops.Add(theta, ops.Multiply(step[0], rate)), MetaTrainingGraph.NextTheta, DataType.Float);
        foreach (var (i, value) in after.Flatten().Index())
        {
            root.Output(value, MetaTrainingGraph.NextState(i), DataType.Float);
        }

        return (OnnxModels.Create(
            root.Graph,
            [
                new("mlnetmeta.graph", "meta_optimizer"), new("mlnetmeta.graph_version", "1"),
                new("mlnetmeta.meta_optimizer", optimizer.Describe()),
            ]).ToByteArray(), slots);
    }

    private static OnnxValue Clip(GraphWriter root, OnnxOps ops, OnnxValue gradient, double? clipNorm)
    {
        if (clipNorm is not { } limit)
        {
            return gradient;
        }

        var squares = root.Node("ReduceSum", [], [ops.Multiply(gradient, gradient)], OnnxNodes.Int("keepdims", 0));
        var longest = ops.Scalar(limit);
        return ops.Multiply(gradient, ops.Divide(longest, root.Node("Max", [], [ops.Sqrt(squares), longest])));
    }

    private static OptimizerSlot Slot(HostVector value) =>
        value.Elements is { } elements ? new(elements.Length, elements[0]) : new(null, (float)value.Number);
}
