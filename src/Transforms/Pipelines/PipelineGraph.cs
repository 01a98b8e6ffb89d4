using System.Collections.Immutable;
using Google.Protobuf;
using Microsoft.ML;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms;

/// <summary>The growing graph of a pipeline: nodes, constants, and which value holds which column now.</summary>
internal sealed class PipelineGraph(string prefix)
{
    private const string TraditionalDomain = "ai.onnx.ml";

    private readonly Dictionary<string, string> _columns = [];
    private int _count;

    public List<ValueInfoProto> Inputs { get; } = [];

    public List<NodeProto> Nodes { get; } = [];

    public List<TensorProto> Constants { get; } = [];

    /// <summary>True when a node is of the operator set for traditional machine learning, which the model must import then.</summary>
    public bool UsesTraditionalOperators { get; private set; }

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
            Inputs.Add(OnnxValues.Tensor(column.Name, type.Value, "rows", width));
            return _columns[column.Name] = column.Name;
        }
    }

    /// <summary>From now on the column is what <paramref name="value"/> holds.</summary>
    public void Set(string column, string value) => _columns[column] = value;

    public string Add(string operation, params string[] inputs) => Add(operation, inputs, []);

    public string Add(string operation, string[] inputs, params AttributeProto[] attributes)
    {
        var output = Fresh();
        Nodes.Add(OnnxNodes.Node(operation, inputs, [output], attributes));
        return output;
    }

    /// <summary>A constant row, <c>[1, slots]</c>.</summary>
    public string Row(ImmutableArray<float> values)
    {
        var name = Fresh();
        Constants.Add(OnnxTensors.Float(name, [1, values.Length], values.AsSpan()));
        return name;
    }

    /// <summary>Text <c>[rows, 1]</c> to numbers <c>[rows, categories]</c>.</summary>
    public string OneHot(string text, string[] categories)
    {
        UsesTraditionalOperators = true;
        var names = new AttributeProto { Name = "cats_strings", Type = AttributeProto.Types.AttributeType.Strings };
        names.Strings.AddRange(categories.Select(ByteString.CopyFromUtf8));
        var encoded = Add("OneHotEncoder", [text], names, OnnxNodes.Int("zeros", 1));
        Nodes[^1].Domain = TraditionalDomain;
        var shape = Fresh();
        Constants.Add(OnnxTensors.Int64(shape, [2], [-1, categories.Length]));
        return Add("Reshape", encoded, shape);
    }

    /// <summary>Puts this graph before a model whose only input is <paramref name="input"/>.</summary>
    public void Prepend(ModelProto model, string input, string features)
    {
        Nodes.Add(OnnxNodes.Node("Identity", [features], [input]));
        NodeProto[] after = [.. model.Graph.Node];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(Nodes.Concat(after));
        model.Graph.Initializer.AddRange(Constants);
        model.Graph.Input.Clear();
        model.Graph.Input.AddRange(Inputs);
        if (UsesTraditionalOperators)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = TraditionalDomain, Version = 3 });
    }

    private string Fresh() => $"{prefix}{_count++}";
}
