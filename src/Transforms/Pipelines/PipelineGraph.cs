using Microsoft.ML;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>The growing graph of a pipeline, and which value holds which column now.</summary>
internal sealed class PipelineGraph
{
    private const long TraditionalOperatorSet = 3;

    private readonly Dictionary<string, string> _columns = [];
    private readonly Dictionary<string, long> _operatorSets = [];

    /// <param name="prefix">What the names of inner values begin with.</param>
    public PipelineGraph(string prefix) => Nodes = new GraphBuilder(new GraphProto(), prefix);

    public GraphBuilder Nodes { get; }

    /// <summary>The raw columns that the graph reads.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs => Nodes.Graph.Input;

    /// <summary>The value that holds a column; a column that no stage has made is an input of the graph.</summary>
    public string this[DataViewSchema.Column column]
    {
        get
        {
            if (_columns.TryGetValue(column.Name, out var value))
            {
                return value;
            }

            var type = OnnxColumn.TypeOf(column.Type);
            var width = OnnxColumn.WidthOf(column.Type);
            if (type is null || width == 0)
            {
                throw Throw.InexpressibleColumn(column);
            }

            return _columns[column.Name] = Input(OnnxValues.Tensor(column.Name, type.Value, "rows", width));
        }
    }

    /// <summary>From now on the column is what <paramref name="value"/> holds.</summary>
    public void Set(string column, string value) => _columns[column] = value;

    /// <summary>Declares an input; one that is there already must be the same.</summary>
    /// <returns>Its name.</returns>
    public string Input(ValueInfoProto input)
    {
        var known = Inputs.FirstOrDefault(other => other.Name == input.Name);
        if (known is null)
        {
            Nodes.Graph.Input.Add(input);
        }
        else if (!known.Equals(input))
        {
            throw Throw.UpstreamInputClash(input.Name, OnnxValues.Describe(known), OnnxValues.Describe(input));
        }

        return input.Name;
    }

    /// <summary>Takes over the nodes, constants, inputs and operator sets of another graph, whose names cannot be this one's.</summary>
    public void Include(ModelProto model)
    {
        foreach (var input in model.Graph.Input)
        {
            Input(input);
        }

        Nodes.Graph.Node.AddRange(model.Graph.Node);
        Nodes.Graph.Initializer.AddRange(model.Graph.Initializer);
        foreach (var import in model.OpsetImport.Where(import => import.Domain.Length > 0))
        {
            _operatorSets[import.Domain] = import.Version;
        }
    }

    /// <summary>Puts this graph before a model whose only input is <paramref name="input"/>.</summary>
    public void Prepend(ModelProto model, string input, string features)
    {
        Nodes.Append("Identity", [features], [input]);
        NodeProto[] after = [.. model.Graph.Node];
        model.Graph.Node.Clear();
        model.Graph.Node.AddRange(Nodes.Graph.Node.Concat(after));
        model.Graph.Initializer.AddRange(Nodes.Graph.Initializer);
        model.Graph.Input.Clear();
        model.Graph.Input.AddRange(Inputs);
        if (Nodes.Graph.Node.Any(node => node.Domain == GraphBuilder.TraditionalDomain))
        {
            _operatorSets[GraphBuilder.TraditionalDomain] =
                Math.Max(TraditionalOperatorSet, _operatorSets.GetValueOrDefault(GraphBuilder.TraditionalDomain));
        }

        foreach (var (domain, version) in _operatorSets)
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
    }
}
