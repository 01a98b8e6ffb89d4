using Google.Protobuf;
using MLNetMeta.Trainers.Learners;
using MLNetMeta.Trainers.Operators;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Trainers.Export;

/// <summary>Writes θ as the inner loop uses it as a graph: θ in, the values of the learner file that depend on it out.</summary>
internal static class ConsolidationGraph
{
    public static (byte[] Model, NamedValues<OnnxValue> Values) Write(ILearner learner)
    {
        var root = new GraphWriter("consolidation");
        var consolidated = learner.Consolidated(new OnnxOps(root), ThetaVector.Split(root, learner));
        foreach (var (name, value) in consolidated.Names.Zip(consolidated.Values))
        {
            root.Output(value, MetaTrainingGraph.Consolidated(name), DataType.Float);
        }

        return (OnnxModels.Create(root.Graph).ToByteArray(), consolidated);
    }
}
