using System.Collections.Immutable;
using System.Globalization;

namespace MLNetMeta.Trainers.Export;

/// <summary>A growing graph whose values know their shapes, or the body of a loop inside it.</summary>
internal sealed class GraphWriter(GraphBuilder builder)
{
    public GraphWriter(string name)
        : this(new GraphBuilder(new GraphProto { Name = name }))
    {
    }

    public GraphProto Graph => builder.Graph;

    /// <summary>A writer for a subgraph, which sees this graph's values.</summary>
    public GraphWriter Inner(string name) => new(builder.Inner(name));

    /// <summary>What follows shares no value with what is there already, but for constants and initializers.</summary>
    public void Part() => builder.Part();

    /// <summary>A name that no other value of the graph has.</summary>
    public string Fresh(string hint) => builder.Fresh(hint);

    /// <summary>Appends a node with one output.</summary>
    public OnnxValue Node(string type, ImmutableArray<string> shape, OnnxValue[] inputs, params AttributeProto[] attributes) =>
        new(builder.Add(type, Array.ConvertAll(inputs, input => input.Name), attributes), shape);

    /// <summary>Appends a node whose outputs have given names.</summary>
    public void Append(string type, IEnumerable<string> inputs, IEnumerable<string> outputs, params AttributeProto[] attributes) =>
        builder.Append(type, inputs, outputs, attributes);

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

    /// <summary>Whether there is an initializer of this name already.</summary>
    public bool Has(string initializer) => Graph.Initializer.Any(tensor => tensor.Name == initializer);

    /// <summary>A named initializer.</summary>
    public OnnxValue Initializer(string name, ReadOnlySpan<float> data, params ImmutableArray<long> shape)
    {
        Graph.Initializer.Add(OnnxTensors.Float(name, shape.AsSpan(), data));
        return new OnnxValue(name, Axes(shape));
    }

    public OnnxValue Initializer(string name, ReadOnlySpan<long> data, params ImmutableArray<long> shape)
    {
        Graph.Initializer.Add(OnnxTensors.Int64(name, shape.AsSpan(), data));
        return new OnnxValue(name, Axes(shape));
    }

    /// <summary>A rank-0 constant.</summary>
    public OnnxValue Constant(float value) => new(builder.Floats([], [value]), []);

    /// <summary>A rank-0 constant, a whole number.</summary>
    public OnnxValue Scalar(long value) => new(builder.Integers([], [value]), []);

    /// <summary>A constant vector of whole numbers.</summary>
    public OnnxValue Constant(params ReadOnlySpan<long> values) => new(builder.Integers(values), Axes([values.Length]));

    /// <summary>Constant numbers of any shape.</summary>
    public OnnxValue Constant(ReadOnlySpan<float> values, ImmutableArray<long> shape) =>
        new(builder.Floats(shape.AsSpan(), values), Axes(shape));

    private static ImmutableArray<string> Axes(ImmutableArray<long> shape) =>
        [.. shape.Select(length => length.ToString(CultureInfo.InvariantCulture))];

    private static ValueInfoProto Info(string name, TensorProto.Types.DataType type, ImmutableArray<string> shape) => OnnxValues.Tensor(
        name, type, [.. shape.Select(axis => long.TryParse(axis, CultureInfo.InvariantCulture, out var length) ? (object)length : axis)]);
}
