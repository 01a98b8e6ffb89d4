using System.Collections.Frozen;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>
/// Brings a graph to the operator set of this library's models. Most operators mean the same in both; of the rest, ONNX Runtime refuses
/// those whose inputs or attributes have changed, and here are those that it would take and compute otherwise.
/// </summary>
internal static class OperatorSets
{
    // The first with NumPy's broadcasting.
    private const long Oldest = 7;

    /// <summary>Operators that mean something else from a version on.</summary>
    private static readonly FrozenDictionary<string, long> _changed = new Dictionary<string, long>
    {
        ["Softmax"] = 13, ["LogSoftmax"] = 13, ["Hardmax"] = 13, ["Resize"] = 11, ["Upsample"] = 10, ["RoiAlign"] = 16,
    }.ToFrozenDictionary();

    /// <summary>Attributes that have become inputs, in the order of the inputs, and the version from which on they are.</summary>
    private static readonly FrozenDictionary<string, (long Since, string[] Attributes)> _nowInputs =
        new Dictionary<string, (long, string[])>
        {
            ["Squeeze"] = (13, ["axes"]), ["Unsqueeze"] = (13, ["axes"]), ["ReduceSum"] = (13, ["axes"]), ["Split"] = (13, ["split"]),
            ["Clip"] = (11, ["min", "max"]), ["Pad"] = (11, ["pads", "value"]), ["Slice"] = (10, ["starts", "ends", "axes"]),
        }.ToFrozenDictionary();

    /// <summary>Attributes without meaning for inference that later versions do not have.</summary>
    private static readonly FrozenDictionary<string, (long Since, string[] Attributes)> _dropped =
        new Dictionary<string, (long, string[])> { ["BatchNormalization"] = (9, ["spatial"]), ["Dropout"] = (12, ["ratio"]) }
            .ToFrozenDictionary();

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
        if (_changed.TryGetValue(node.OpType, out var since) && version < since && !IsOverTheLastAxis(node)
            || node.OpType == "BatchNormalization" && node.Attribute.Any(a => a is { Name: "spatial", I: 0 }))
        {
            throw Throw.UpstreamOperator(node.OpType, version, OnnxModels.OperatorSet);
        }

        if (_dropped.TryGetValue(node.OpType, out var dropped) && version < dropped.Since)
        {
            foreach (var attribute in node.Attribute.Where(a => dropped.Attributes.Contains(a.Name)).ToArray())
            {
                node.Attribute.Remove(attribute);
            }
        }

        if (_nowInputs.TryGetValue(node.OpType, out var inputs) && version < inputs.Since)
        {
            MakeInputs(graph, node, inputs.Attributes);
        }
    }

    private static void MakeInputs(GraphProto graph, NodeProto node, string[] names)
    {
        foreach (var name in names)
        {
            var attribute = node.Attribute.FirstOrDefault(candidate => candidate.Name == name);
            var input = attribute is null ? "" : $"{name} of {node.Output[0]}";
            node.Input.Add(input);
            if (attribute is null)
            {
                continue;
            }

            graph.Initializer.Add(attribute.Type == AttributeProto.Types.AttributeType.Float
                ? OnnxTensors.Float(input, [], [attribute.F])
                : OnnxTensors.Int64(input, [attribute.Ints.Count], [.. attribute.Ints]));
            node.Attribute.Remove(attribute);
        }

        while (node.Input.Count > 0 && node.Input[^1].Length == 0)
        {
            node.Input.RemoveAt(node.Input.Count - 1);
        }
    }

    /// <summary>Softmax and its kin of old flatten their input to a matrix first: over the last axis that makes no difference.</summary>
    private static bool IsOverTheLastAxis(NodeProto node) =>
        node.OpType.EndsWith("max", StringComparison.Ordinal) && node.Attribute.Any(a => a is { Name: "axis", I: -1 });
}
