using System.Globalization;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>θ as one input of a graph, <c>[θ]</c>: the slow parameters one after the other.</summary>
internal static class ThetaVector
{
    /// <summary>The slow parameters out of the input.</summary>
    public static NamedValues<OnnxValue> Split(GraphWriter root, ILearner learner)
    {
        var vector = root.Input(MetaTrainingGraph.Theta, DataType.Float, $"{learner.Slow.Sum(s => s.Size)}");
        var parts = learner.Slow.Select(s => new OnnxValue(root.Fresh("part"), [$"{s.Size}"])).ToArray();
        root.Append(
            "Split", [vector.Name, root.Constant([.. learner.Slow.Select(s => s.Size)]).Name], parts.Select(p => p.Name),
            OnnxNodes.Int("axis", 0));
        return new NamedValues<OnnxValue>(
            [.. learner.Slow.Select(s => s.Name)],
            [.. learner.Slow.Select((s, i) => root.Node(
                "Reshape", [.. s.Shape.Select(axis => axis.ToString(CultureInfo.InvariantCulture))],
                [parts[i], root.Constant([.. s.Shape])]))]);
    }
}
