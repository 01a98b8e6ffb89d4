using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Trainers.Export;

/// <summary>Collects the nodes of a graph, or of the body of a loop inside it; constants are shared by both and written once.</summary>
internal sealed class GraphWriter
{
    private readonly GraphWriter? _outer;
    private readonly Dictionary<string, OnnxValue> _constants = [];
    private int _next;

    public GraphWriter(string name)
    {
        Graph = new GraphProto { Name = name };
    }

    private GraphWriter(string name, GraphWriter outer)
        : this(name)
    {
        _outer = outer;
    }

    public GraphProto Graph { get; }

    private GraphWriter Root => _outer?.Root ?? this;

    /// <summary>A writer for a subgraph, which sees this graph's values.</summary>
    public GraphWriter Inner(string name) => new(name, this);

    /// <summary>A name that no other value of the graph has.</summary>
    public string Fresh(string hint) => $"{hint}_{Root._next++}";

    /// <summary>Appends a node with one output.</summary>
    public OnnxValue Node(string type, ImmutableArray<string> shape, ReadOnlySpan<OnnxValue> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var output = Fresh(type);
        Append(type, Names(inputs), [output], attributes);
        return new OnnxValue(output, shape);
    }

    /// <summary>Appends a node whose output has a given name.</summary>
    public void Append(string type, IEnumerable<string> inputs, IEnumerable<string> outputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = OnnxNodes.Node(type, inputs, outputs, attributes.ToArray());
        node.Name = Fresh($"node_{type}");
        Graph.Node.Add(node);
    }

    public OnnxValue Input(string name, TensorProto.Types.DataType type, params ImmutableArray<string> shape)
    {
        Graph.Input.Add(Info(name, type, shape));
        return new OnnxValue(name, shape);
    }

    public void Output(OnnxValue value, string name, TensorProto.Types.DataType type)
    {
        Append("Identity", [value.Name], [name]);
        Graph.Output.Add(Info(name, type, value.Shape));
    }

    /// <summary>Declares an output that a node has already been given the name of.</summary>
    public void DeclareOutput(OnnxValue value, TensorProto.Types.DataType type) => Graph.Output.Add(Info(value.Name, type, value.Shape));

    /// <summary>A named initializer.</summary>
    public OnnxValue Initializer(string name, ReadOnlySpan<float> data, params ImmutableArray<long> shape)
    {
        Root.Graph.Initializer.Add(OnnxTensors.Float(name, shape.AsSpan(), data));
        return new OnnxValue(name, Axes(shape));
    }

    public OnnxValue Initializer(string name, ReadOnlySpan<long> data, params ImmutableArray<long> shape)
    {
        Root.Graph.Initializer.Add(OnnxTensors.Int64(name, shape.AsSpan(), data));
        return new OnnxValue(name, Axes(shape));
    }

    /// <summary>A rank-0 constant.</summary>
    public OnnxValue Constant(float value)
    {
        var key = "f" + value.ToString("R", CultureInfo.InvariantCulture);
        return Root._constants.TryGetValue(key, out var known)
            ? known
            : Root._constants[key] = Initializer(Fresh("constant"), [value]);
    }

    /// <summary>A rank-0 constant, a whole number.</summary>
    public OnnxValue Scalar(long value)
    {
        var key = $"s{value}";
        return Root._constants.TryGetValue(key, out var known) ? known : Root._constants[key] = Initializer(Fresh("constant"), [value]);
    }

    /// <summary>A constant vector of whole numbers.</summary>
    public OnnxValue Constant(params ReadOnlySpan<long> values)
    {
        var key = "i" + string.Join(",", values.ToArray());
        return Root._constants.TryGetValue(key, out var known)
            ? known
            : Root._constants[key] = Initializer(Fresh("constant"), values, values.Length);
    }

    /// <summary>Constant numbers of any shape.</summary>
    public OnnxValue Constant(ReadOnlySpan<float> values, ImmutableArray<long> shape)
    {
        var content = Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values)));
        var key = $"t{string.Join(",", shape)}:{content}";
        return Root._constants.TryGetValue(key, out var known)
            ? known
            : Root._constants[key] = Initializer(Fresh("constant"), values, shape);
    }

    private static ImmutableArray<string> Axes(ImmutableArray<long> shape) =>
        [.. shape.Select(length => length.ToString(CultureInfo.InvariantCulture))];

    private static ValueInfoProto Info(string name, TensorProto.Types.DataType type, ImmutableArray<string> shape) => OnnxValues.Tensor(
        name, type, [.. shape.Select(axis => long.TryParse(axis, CultureInfo.InvariantCulture, out var length) ? (object)length : axis)]);

    private static string[] Names(ReadOnlySpan<OnnxValue> values)
    {
        var names = new string[values.Length];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = values[i].Name;
        }

        return names;
    }
}
