using System.Collections.Frozen;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>
/// Converts a graph to the operator set of this library's models. Most operators mean the same in both sets. ONNX Runtime refuses operators
/// with changed inputs or attributes. This class handles the operators that ONNX Runtime would accept but compute differently.
/// </summary>
internal static class OperatorSets
{
    private const long Oldest = 9, AxesAreInputs = 13;

    /// <summary>Operators that mean something else from a version on.</summary>
    private static readonly FrozenDictionary<string, long> _changed = new Dictionary<string, long>
    {
        ["Softmax"] = 13, ["LogSoftmax"] = 13, ["Hardmax"] = 13, ["Resize"] = 11, ["Upsample"] = 10, ["RoiAlign"] = 16,
    }.ToFrozenDictionary();

    /// <summary>Operators whose axes have become an input.</summary>
    private static readonly FrozenSet<string> _withAxes = FrozenSet.Create("Squeeze", "Unsqueeze", "ReduceSum");

    /// <param name="model">The model to change.</param>
    /// <param name="version">The operator set that it was made for.</param>
    /// <exception cref="NotSupportedException">The operator set is too old, or an operator has changed its meaning.</exception>
    public static void Convert(ModelProto model, long version)
    {
        if (version < Oldest)
        {
            throw Throw.UpstreamOperatorSet(version, Oldest, OnnxModels.OperatorSet);
        }

        foreach (var graph in OnnxGraphs.AllGraphs(model.Graph))
        {
            foreach (var node in graph.Node.Where(node => node.Domain is "" or "ai.onnx").ToArray())
            {
                Convert(graph, node, version);
            }
        }
    }

    private static void Convert(GraphProto graph, NodeProto node, long version)
    {
        if (_changed.TryGetValue(node.OpType, out var since) && version < since && !IsOverTheLastAxis(node))
        {
            throw Throw.UpstreamOperator(node.OpType, version, OnnxModels.OperatorSet);
        }

        if (version >= AxesAreInputs || !_withAxes.Contains(node.OpType)
            || node.Attribute.FirstOrDefault(a => a.Name == "axes") is not { } axes)
        {
            return;
        }

        var name = $"axes of {node.Output[0]}";
        graph.Initializer.Add(OnnxTensors.Int64(name, [axes.Ints.Count], [.. axes.Ints]));
        node.Input.Add(name);
        node.Attribute.Remove(axes);
    }

    /// <summary>Old versions of Softmax and similar operators flatten their input to a matrix first. Over the last axis this makes no
    /// difference.</summary>
    private static bool IsOverTheLastAxis(NodeProto node) =>
        node.OpType.EndsWith("max", StringComparison.Ordinal) && node.Attribute.Any(a => a is { Name: "axis", I: -1 });
}
