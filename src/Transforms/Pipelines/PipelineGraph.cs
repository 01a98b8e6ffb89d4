using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.ML;
using MLNetMeta.Transforms.Onnx;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms;

/// <summary>The growing graph of a pipeline: nodes, constants, and which value holds which column now.</summary>
internal sealed class PipelineGraph(string prefix)
{
    /// <summary>The operator set for traditional machine learning.</summary>
    public const string TraditionalDomain = "ai.onnx.ml";

    private const long TraditionalOperatorSet = 3;

    private readonly Dictionary<string, string> _columns = [];
    private readonly List<NodeProto> _nodes = [];
    private readonly List<TensorProto> _constants = [];
    private readonly List<ValueInfoProto> _inputs = [];
    private readonly Dictionary<string, long> _operatorSets = [];
    private int _count;

    /// <summary>The raw columns that the graph reads.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs => _inputs;

    /// <summary>The value that holds a column; a column that no stage has made is an input of the graph.</summary>
    public string this[DataViewSchema.Column column]
    {
        get
        {
            if (_columns.TryGetValue(column.Name, out var value))
                return value;
            var type = PipelineColumn.TypeOf(column.Type);
            var width = PipelineColumn.WidthOf(column.Type);
            if (type is null || width == 0)
                throw Throw.InexpressibleColumn(column);
            return _columns[column.Name] = Input(OnnxValues.Tensor(column.Name, type.Value, "rows", width));
        }
    }

    /// <summary>From now on the column is what <paramref name="value"/> holds.</summary>
    public void Set(string column, string value) => _columns[column] = value;

    /// <summary>Declares an input; one that is there already must be the same.</summary>
    /// <returns>Its name.</returns>
    public string Input(ValueInfoProto input)
    {
        var known = _inputs.FirstOrDefault(other => other.Name == input.Name);
        if (known is null)
            _inputs.Add(input);
        else if (!known.Equals(input))
            throw Throw.UpstreamInputClash(known, input);
        return input.Name;
    }

    /// <summary>Takes over the nodes, constants, inputs and operator sets of another graph, whose names cannot be this one's.</summary>
    public void Include(ModelProto model)
    {
        foreach (var input in model.Graph.Input)
            Input(input);
        _nodes.AddRange(model.Graph.Node);
        _constants.AddRange(model.Graph.Initializer);
        foreach (var import in model.OpsetImport.Where(import => import.Domain.Length > 0))
            Import(import.Domain, import.Version);
    }

    public string Add(string operation, params string[] inputs) => Add(operation, inputs, []);

    public string Add(string operation, string[] inputs, params AttributeProto[] attributes)
    {
        var output = Fresh();
        _nodes.Add(Node(operation, inputs, [output], attributes));
        return output;
    }

    /// <summary>An operator of the set for traditional machine learning.</summary>
    public string AddTraditional(string operation, string[] inputs, params AttributeProto[] attributes)
    {
        var output = Add(operation, inputs, attributes);
        _nodes[^1].Domain = TraditionalDomain;
        Import(TraditionalDomain, TraditionalOperatorSet);
        return output;
    }

    public string Cast(string value, Type type) => Cast(value, PipelineColumn.TypeOf(type));

    public string Cast(string value, TensorProto.Types.DataType type) => Add("Cast", [value], Int("to", (long)type));

    /// <summary>Over the slots of a row: <c>[rows, slots]</c> to <c>[rows, 1]</c>. Not for ReduceSum, which takes its axes as an input.</summary>
    public string Reduce(string operation, string value) => Add(operation, [value], Ints("axes", 1));

    /// <summary><c>[rows, …]</c> to <c>[rows, slots]</c>.</summary>
    public string Flatten(string value, int slots) => Add("Reshape", value, Integers([-1, slots]));

    /// <summary>A constant row, <c>[1, slots]</c>.</summary>
    public string Row(ImmutableArray<float> values) => Floats([1, values.Length], values.AsSpan());

    public string Floats(ReadOnlySpan<long> dims, ReadOnlySpan<float> values) => Constant(OnnxTensors.Float(Fresh(), dims, values));

    /// <summary>A constant vector.</summary>
    public string Integers(ReadOnlySpan<long> values) => Constant(OnnxTensors.Int64(Fresh(), [values.Length], values));

    public string Doubles(ReadOnlySpan<double> values) => Constant(OnnxTensors.Double(Fresh(), [values.Length], values));

    /// <summary>Puts this graph before a model whose only input is <paramref name="input"/>.</summary>
    public void Prepend(ModelProto model, string input, string features)
    {
        _nodes.Add(Node("Identity", [features], [input]));
        NodeProto[] after = [.. model.Graph.Node];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(_nodes.Concat(after));
        model.Graph.Initializer.AddRange(_constants);
        model.Graph.Input.Clear();
        model.Graph.Input.AddRange(_inputs);
        foreach (var (domain, version) in _operatorSets)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
    }

    private void Import(string domain, long version) =>
        _operatorSets[domain] = Math.Max(version, _operatorSets.GetValueOrDefault(domain));

    private string Constant(TensorProto tensor)
    {
        _constants.Add(tensor);
        return tensor.Name;
    }

    private string Fresh() => $"{prefix}{_count++}";
}
