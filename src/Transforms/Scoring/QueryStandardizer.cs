using System.Numerics;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms;

/// <summary>
/// The standardisation (x − mean) / scale at the entrance of a forward graph, taken out of the graph and done here: ONNX Runtime makes
/// two passes and two copies of it, a tenth of the time of a small network. The same operations in the same order round the same.
/// </summary>
internal sealed class QueryStandardizer
{
    private readonly float[] _mean;
    private readonly float[] _scale;

    private QueryStandardizer(float[] mean, float[] scale) => (_mean, _scale) = (mean, scale);

    /// <summary>Takes the standardisation out of a forward graph.</summary>
    /// <returns>The rest, whose query features are standardised already; the graph itself and null when it does not begin so.</returns>
    public static (ModelProto Remainder, QueryStandardizer? Standardizer) TakeOut(ModelProto forward, int features)
    {
        var constants = forward.Graph.Initializer.ToDictionary(tensor => tensor.Name);
        if (Only("Sub", LearnerGraph.QueryFeatures) is not { } subtraction || Only("Div", subtraction.Output[0]) is not { } division)
            return (forward, null);
        var standardizer = new QueryStandardizer(Constant(subtraction), Constant(division));
        var rest = forward.Clone();
        rest.Graph.Node.Remove(subtraction);
        rest.Graph.Node.Remove(division);
        return (OnnxGraphs.Rename(rest, name => name == division.Output[0] ? LearnerGraph.QueryFeatures : name), standardizer);

        // The only reader of a value, when it is that operator with a constant for each feature.
        NodeProto? Only(string operation, string value)
        {
            var readers = forward.Graph.Node.Where(node => OnnxGraphs.Reads(node).Contains(value)).ToArray();
            return readers is [{ Input.Count: 2 } node] && node.OpType == operation && node.Input[0] == value
                && constants.TryGetValue(node.Input[1], out var constant)
                && constant.DataType == (int)TensorProto.Types.DataType.Float && constant.Dims.Count <= 2 && constant.Dims.LastOrDefault() == features
                && OnnxTensors.ToFloats(constant).Length == features
                ? node : null;
        }

        float[] Constant(NodeProto node) => OnnxTensors.ToFloats(constants[node.Input[1]]);
    }

    /// <summary>Standardises rows, one after the other in memory.</summary>
    public void Apply(ReadOnlySpan<float> rows, Span<float> result)
    {
        for (; rows.Length > 0; rows = rows[_mean.Length..], result = result[_mean.Length..])
        {
            var index = 0;
            for (; index <= _mean.Length - Vector<float>.Count; index += Vector<float>.Count)
                ((new Vector<float>(rows[index..]) - new Vector<float>(_mean, index)) / new Vector<float>(_scale, index)).CopyTo(result[index..]);
            for (; index < _mean.Length; index++)
                result[index] = (rows[index] - _mean[index]) / _scale[index];
        }
    }
}
