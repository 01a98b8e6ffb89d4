using System.Collections.Immutable;

namespace MLNetMeta.Transforms.Onnx;

/// <summary>
/// A graph that grows node by node, or the body of a loop inside it. Values get names that no other value of the graph has; constants are
/// shared with the bodies, and each is written once.
/// </summary>
/// <remarks>
/// What a body asks for and does not depend on the body's own values is computed outside of it, once and not in every round; and what is
/// asked for again is not computed again. ONNX Runtime does neither for loops.
/// </remarks>
internal sealed class GraphBuilder
{
    /// <summary>The operators for traditional machine learning.</summary>
    public const string TraditionalDomain = "ai.onnx.ml";

    private readonly GraphBuilder? _outer;
    private readonly string _prefix;
    private readonly Dictionary<TensorProto, string> _constants = [];
    private readonly HashSet<string> _own = [];
    private readonly Dictionary<NodeProto, string> _known = [];
    private int _next;

    /// <param name="graph">What grows.</param>
    /// <param name="prefix">What all names that are made here begin with.</param>
    public GraphBuilder(GraphProto graph, string prefix = "") => (Graph, _prefix) = (graph, prefix);

    private GraphBuilder(GraphProto graph, GraphBuilder outer)
        : this(graph, outer._prefix) => _outer = outer;

    public GraphProto Graph { get; }

    private GraphBuilder Root => _outer?.Root ?? this;

    /// <summary>A builder of a body, which sees this graph's values.</summary>
    public GraphBuilder Inner(string name) => new(new GraphProto { Name = name }, this);

    /// <summary>A name that no other value of the graph has.</summary>
    public string Fresh(string hint) => $"{_prefix}{hint}_{Root._next++}";

    /// <summary>Appends a node of one output.</summary>
    /// <returns>The output's name.</returns>
    public string Add(string operation, params string[] inputs) => Add(operation, inputs, []);

    /// <summary>Appends a node of one output.</summary>
    /// <returns>The output's name.</returns>
    public string Add(string operation, string[] inputs, params AttributeProto[] attributes)
    {
        if (_outer is not null && !inputs.Any(IsOwn))
        {
            return _outer.Add(operation, inputs, attributes);
        }

        var asked = OnnxNodes.Node(operation, inputs, [], attributes);
        if (!_known.TryGetValue(asked, out var output))
        {
            output = Fresh(operation);
            Append(operation, inputs, [output], attributes);
            _known.Add(asked, output);
        }

        return output;
    }

    /// <summary>Appends an operator for traditional machine learning; the model must import <see cref="TraditionalDomain"/>.</summary>
    /// <returns>The output's name.</returns>
    public string AddTraditional(string operation, string[] inputs, params AttributeProto[] attributes)
    {
        var output = Fresh(operation);
        Append(operation, inputs, [output], attributes);
        Graph.Node[^1].Domain = TraditionalDomain;
        return output;
    }

    /// <summary>Appends a node whose outputs have given names.</summary>
    public void Append(string operation, IEnumerable<string> inputs, IEnumerable<string> outputs, params AttributeProto[] attributes)
    {
        var node = OnnxNodes.Node(operation, inputs, outputs, attributes);
        node.Name = Fresh($"node_{operation}");
        Graph.Node.Add(node);
        _own.UnionWith(node.Output);
    }

    /// <summary>What follows shares no value with what is there already, but for constants.</summary>
    public void Part() => _known.Clear();

    /// <summary>Whether a value is an input of this body or comes about in it.</summary>
    private bool IsOwn(string value) => _own.Contains(value) || Graph.Input.Any(input => input.Name == value);

    public string Cast(string value, TensorProto.Types.DataType type) => Add("Cast", [value], OnnxNodes.Int("to", (long)type));

    /// <summary><c>[rows, …]</c> to <c>[rows, slots]</c>.</summary>
    public string Flatten(string value, int slots) => Add("Reshape", value, Integers([-1, slots]));

    /// <summary>A constant row, <c>[1, slots]</c>.</summary>
    public string Row(ImmutableArray<float> values) => Floats([1, values.Length], values.AsSpan());

    public string Floats(ReadOnlySpan<long> dims, ReadOnlySpan<float> values) => Constant(OnnxTensors.Float("", dims, values));

    /// <summary>A constant vector.</summary>
    public string Doubles(ReadOnlySpan<double> values) => Constant(OnnxTensors.Double("", [values.Length], values));

    /// <summary>A constant vector.</summary>
    public string Integers(ReadOnlySpan<long> values) => Integers([values.Length], values);

    public string Integers(ReadOnlySpan<long> dims, ReadOnlySpan<long> values) => Constant(OnnxTensors.Int64("", dims, values));

    /// <summary>A constant vector.</summary>
    public string Texts(IReadOnlyList<string> values) => Constant(OnnxTensors.Text("", values));

    /// <summary>A constant that gets a name.</summary>
    private string Constant(TensorProto content)
    {
        if (!Root._constants.TryGetValue(content, out var name))
        {
            name = Fresh("constant");
            var constant = content.Clone();
            constant.Name = name;
            Root.Graph.Initializer.Add(constant);
            Root._constants[content] = name;
        }

        return name;
    }
}
