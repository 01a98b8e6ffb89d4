using System.Collections.Frozen;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;
using DataType = MLNetMeta.Transforms.Onnx.TensorProto.Types.DataType;

namespace MLNetMeta.Transforms.Learners;

/// <summary>
/// Checks whether a graph is built as <c>docs/learner-file.md</c> says, before ONNX Runtime gets it. Native code trusts a graph in places
/// where a file from elsewhere must not be trusted.
/// </summary>
internal sealed class LearnerStructure
{
    private static readonly FrozenSet<string> _operators = FrozenSet.Create(
        "Abs", "Add", "And", "ArgMax", "Cast", "Clip", "Concat", "ConstantOfShape", "Conv", "Div", "Equal", "Erf", "Exp", "Expand",
        "Gather", "Gemm", "Greater", "Identity", "IsNaN", "Less", "Log", "LogSoftmax", "Loop", "MatMul", "Max", "Min", "Mul", "Neg", "Not",
        "OneHot", "Or", "Pad", "Pow", "Reciprocal", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Relu", "Reshape", "Scan",
        "Shape", "Sigmoid", "Sign", "Slice", "Softmax", "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Tanh", "Transpose", "Unsqueeze",
        "Where");

    private static readonly FrozenSet<string> _inputs = FrozenSet.Create(
        LearnerGraph.SupportFeatures, LearnerGraph.SupportLabels, LearnerGraph.SupportWeights, LearnerGraph.QueryFeatures,
            LearnerGraph.Steps);

    private readonly Learner.Limits _limits;
    private readonly string[] _counts;
    private readonly HashSet<string> _names = [];
    private int _nodes;

    private LearnerStructure(Learner.Limits limits, string[] counts) => (_limits, _counts) = (limits, counts);

    /// <exception cref="FormatException">The graph is built otherwise.</exception>
    /// <exception cref="NotSupportedException">It exceeds the limits, or uses what this library does not run.</exception>
    public static void Check(ModelProto model, LearnerMetadata metadata, Learner.Limits limits)
    {
        if (metadata.Steps > limits.Steps)
        {
            throw Throw.LearnerLimit($"takes {metadata.Steps} inner steps", nameof(limits.Steps), limits.Steps);
        }

        if (model.Graph.Input.FirstOrDefault(input => !_inputs.Contains(input.Name)
            || input.Name == LearnerGraph.SupportWeights && !metadata.ExampleWeights) is { } input)
        {
            throw Throw.DamagedLearner($"its graph has the unknown input '{input.Name}'");
        }

        Check(model, limits, LearnerGraph.Steps);
        LearnerGraph.CheckInputs(model.Graph, metadata);
        LearnerGraph.CheckOutputs(model.Graph, metadata);
    }

    /// <summary>Whether a graph of a learner file, the learner itself or one of those that improve it, is one that may be run.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="limits">What it may ask of this machine.</param>
    /// <param name="counts">Inputs that say how often a Loop is run.</param>
    /// <exception cref="FormatException">The graph is built otherwise.</exception>
    /// <exception cref="NotSupportedException">It exceeds the limits, or uses what this library does not run.</exception>
    public static void Check(ModelProto model, Learner.Limits limits, params string[] counts)
    {
        if (model.Functions.Count > 0)
        {
            throw Throw.UnsupportedLearner("functions of its own");
        }

        if (model.OpsetImport is not [{ Domain: "", Version: OnnxModels.OperatorSet }])
        {
            throw Throw.UnsupportedLearner(
                $"operator sets {string.Join(", ", model.OpsetImport.Select(set => $"'{set.Domain}' {set.Version}"))}, expected "
                + $"{OnnxModels.OperatorSet} of the default domain only");
        }

        new LearnerStructure(limits, counts).CheckGraph(model.Graph, isMain: true);
    }

    private void CheckGraph(GraphProto graph, bool isMain)
    {
        if (graph.SparseInitializer.Count > 0)
        {
            throw Throw.UnsupportedLearner("sparse constants");
        }

        var defaults = graph.Input.Select(input => input.Name).Where(name => isMain && name == LearnerGraph.Steps).ToHashSet();
        foreach (var value in graph.Input)
        {
            Define(value.Name);
        }

        foreach (var tensor in graph.Initializer)
        {
            CheckTensor(tensor);
            if (!defaults.Contains(tensor.Name))
            {
                Define(tensor.Name);
            }
        }

        foreach (var value in graph.Input.Concat(graph.Output))
        {
            if (value.Type?.TensorType is not { ElemType: (int)DataType.Float or (int)DataType.Int64 or (int)DataType.Bool })
            {
                throw Throw.DamagedLearner($"its value '{value.Name}' is not a tensor of Float, Int64 or Bool");
            }
        }

        foreach (var node in graph.Node)
        {
            CheckNode(node, isMain);
        }

        if (graph.Output.Any(output => !_names.Contains(output.Name)))
        {
            throw Throw.DamagedLearner("an output of its graph is never computed");
        }
    }

    private void CheckNode(NodeProto node, bool isMain)
    {
        if (++_nodes > _limits.Nodes)
        {
            throw Throw.LearnerLimit($"has more than {_limits.Nodes} operators", nameof(_limits.Nodes), _limits.Nodes);
        }

        if (node.Domain.Length > 0 || !_operators.Contains(node.OpType))
        {
            throw Throw.UnsupportedLearner($"the operator '{node.Domain}{(node.Domain.Length > 0 ? "." : "")}{node.OpType}'");
        }

        foreach (var read in node.Input.Where(name => name.Length > 0))
        {
            if (!_names.Contains(read))
            {
                throw Throw.DamagedLearner($"its operator {node.OpType} reads '{read}', which is not computed before it");
            }
        }

        foreach (var attribute in node.Attribute)
        {
            CheckAttribute(node, attribute);
        }

        switch (node.OpType)
        {
            case "Loop":
                CheckLoop(node, isMain);
                break;
            case "Scan":
                CheckScan(node);
                break;
        }

        foreach (var output in node.Output)
        {
            Define(output);
        }
    }

    /// <summary>Inner steps, as many as the caller asks for. No other repetition without a known end is allowed.</summary>
    private void CheckLoop(NodeProto node, bool isMain)
    {
        if (!isMain || node.Input is not [var count, "", ..] || !_counts.Contains(count) || Body(node) is not { } body
            || body.Input.Count != node.Input.Count || body.Output.Count != node.Output.Count + 1
            || body.Node.FirstOrDefault(candidate => candidate.Output.Contains(body.Output[0].Name))
                is not { OpType: "Identity", Input: [var source] }
            || source != body.Input[1].Name)
        {
            throw Throw.DamagedLearner("its Loop does not run over the inner steps");
        }

        CheckGraph(body, isMain: false);
    }

    /// <summary>Time steps, as many as its sequences have.</summary>
    private void CheckScan(NodeProto node)
    {
        var sequences = node.Attribute.FirstOrDefault(attribute => attribute.Name == "num_scan_inputs")?.I;
        if (Body(node) is not { } body || sequences is not > 0 || sequences > node.Input.Count
            || body.Input.Count != node.Input.Count || body.Output.Count != node.Output.Count || node.Input.Contains(""))
        {
            throw Throw.DamagedLearner("its Scan has other inputs or outputs than its body");
        }

        CheckGraph(body, isMain: false);
    }

    private static GraphProto? Body(NodeProto node) => node.Attribute.SingleOrDefault(attribute => attribute.G is not null)?.G;

    private static void CheckAttribute(NodeProto node, AttributeProto attribute)
    {
        if (attribute.Graphs.Count > 0 || attribute.Tensors.Count > 0
            || attribute.G is not null && (attribute.Name != "body" || node.OpType is not ("Loop" or "Scan")))
        {
            throw Throw.UnsupportedLearner($"the attribute '{attribute.Name}' of {node.OpType}");
        }

        if (attribute.T is not null)
        {
            CheckTensor(attribute.T);
        }
    }

    private static void CheckTensor(TensorProto tensor)
    {
        try
        {
            OnnxTensors.CheckContent(tensor);
        }
        catch (FormatException exception)
        {
            throw Throw.DamagedLearner(exception.Message, exception);
        }
    }

    /// <summary>Every value has a name, and no other value of the file has it.</summary>
    private void Define(string name)
    {
        if (name.Length == 0)
        {
            throw Throw.DamagedLearner("a value of its graph has no name");
        }

        if (!_names.Add(name))
        {
            throw Throw.DamagedLearner($"two values of its graph have the name '{name}'");
        }
    }
}
