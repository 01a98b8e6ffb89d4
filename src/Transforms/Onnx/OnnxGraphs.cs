using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Onnx;

/// <summary>Surgery on graphs: cutting a part out, fixing inputs, renaming values. Arguments are never changed.</summary>
internal static class OnnxGraphs
{
    /// <summary>
    /// The part of <paramref name="model"/> that computes <paramref name="outputs"/> from <paramref name="inputs"/>. Either may be any
    /// declared value of the graph (an input, an output, or a value with type information). Inputs of the model that have a
    /// default (an initializer of the same name) stay optional inputs when the part needs them.
    /// </summary>
    /// <exception cref="FormatException">The part needs an input of the model that is not among <paramref name="inputs"/>, or a value
    /// nobody computes.</exception>
    public static ModelProto Cut(ModelProto model, IReadOnlyCollection<string> inputs, IReadOnlyCollection<string> outputs)
    {
        var source = model.Graph;
        var initializers = source.Initializer.ToLookup(tensor => tensor.Name);
        var declared = Declarations(source);
        var (nodes, leaves) = Reach(source, inputs, outputs);

        var part = new GraphProto { Name = source.Name };
        part.Node.AddRange(source.Node.Where(nodes.Contains).Select(node => node.Clone()));
        part.Input.AddRange(inputs.Select(name => Declared(name).Clone()));
        part.Output.AddRange(outputs.Select(name => Declared(name).Clone()));
        var optional = source.Input.Select(input => input.Name).ToHashSet();
        foreach (var leaf in leaves)
        {
            var tensor = initializers[leaf].FirstOrDefault()
                ?? throw Throw.NotComputable(outputs, leaf, inputs);
            part.Initializer.Add(tensor.Clone());
            if (optional.Contains(leaf))
            {
                part.Input.Add(Declared(leaf).Clone());
            }
        }

        var cut = new ModelProto
        {
            IrVersion = model.IrVersion, ProducerName = model.ProducerName, ProducerVersion = model.ProducerVersion, Graph = part,
        };
        cut.OpsetImport.AddRange(model.OpsetImport.Select(import => import.Clone()));
        return cut;

        ValueInfoProto Declared(string name) => declared.TryGetValue(name, out var value)
            ? value
            : throw Throw.NotDeclared(name);
    }

    /// <summary>Replaces inputs of the graph by constants of the same names: the inputs disappear, the values are fixed.</summary>
    public static ModelProto Fix(ModelProto model, IEnumerable<TensorProto> values)
    {
        var result = model.Clone();
        foreach (var value in values)
        {
            var input = result.Graph.Input.FirstOrDefault(candidate => candidate.Name == value.Name)
                ?? throw Throw.NoGraphInput(value.Name);
            result.Graph.Input.Remove(input);
            result.Graph.Initializer.Add(value.Clone());
        }

        return result;
    }

    /// <summary>Renames values everywhere, in the bodies of Loop, If and Scan too.</summary>
    /// <param name="model">The model whose values are renamed.</param>
    /// <param name="rename">The new name of a value, given the old one; must keep different names different.</param>
    public static ModelProto Rename(ModelProto model, Func<string, string> rename)
    {
        var result = model.Clone();
        RenameIn(result.Graph, name => name.Length == 0 ? name : rename(name));
        return result;
    }

    /// <summary>The inputs and constants of a graph that the given values depend on.</summary>
    public static IReadOnlyCollection<string> Leaves(GraphProto graph, IReadOnlyCollection<string> values) =>
        Reach(graph, [], values).Leaves;

    /// <summary>The graph and the bodies of its Loop, If and Scan, at any depth.</summary>
    public static IEnumerable<GraphProto> AllGraphs(GraphProto graph) => graph.Node.SelectMany(Bodies).SelectMany(AllGraphs).Prepend(graph);

    /// <summary>The constants of a graph and of the bodies in it, those in attributes too.</summary>
    public static IEnumerable<TensorProto> AllTensors(GraphProto graph) => AllGraphs(graph).SelectMany(body => body.Initializer
        .Concat(body.Node.SelectMany(node => node.Attribute)
            .SelectMany(attribute => attribute.T is { } tensor ? attribute.Tensors.Prepend(tensor) : attribute.Tensors)));

    /// <summary>Names that the nodes of a graph read, those in the bodies of Loop, If and Scan too.</summary>
    public static IEnumerable<string> Reads(GraphProto graph) => graph.Node.SelectMany(Reads);

    /// <summary>Names that the nodes of a subgraph take from the graphs around it.</summary>
    public static IEnumerable<string> OuterNames(GraphProto body)
    {
        var own = body.Input.Select(input => input.Name)
            .Concat(body.Initializer.Select(tensor => tensor.Name))
            .Concat(body.Node.SelectMany(node => node.Output))
            .ToHashSet();
        return body.Node.SelectMany(Reads).Concat(body.Output.Select(output => output.Name)).Where(name => !own.Contains(name)).Distinct();
    }

    /// <summary>Names that a node reads, in its bodies too.</summary>
    public static IEnumerable<string> Reads(NodeProto node) =>
        node.Input.Concat(Bodies(node).SelectMany(OuterNames)).Where(name => name.Length > 0);

    private static IEnumerable<GraphProto> Bodies(NodeProto node) =>
        node.Attribute.SelectMany(attribute => attribute.G is { } body ? attribute.Graphs.Prepend(body) : attribute.Graphs);

    private static Dictionary<string, ValueInfoProto> Declarations(GraphProto graph)
    {
        var declared = new Dictionary<string, ValueInfoProto>();
        foreach (var value in graph.ValueInfo.Concat(graph.Output).Concat(graph.Input))
        {
            declared[value.Name] = value;
        }

        return declared;
    }

    private static (HashSet<NodeProto> Nodes, SortedSet<string> Leaves) Reach(
        GraphProto graph, IReadOnlyCollection<string> inputs, IReadOnlyCollection<string> outputs)
    {
        var producers = new Dictionary<string, NodeProto>();
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output)
            {
                producers[output] = node;
            }
        }
        // By reference: hashing a node by content would walk its whole loop body.
        var nodes = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var leaves = new SortedSet<string>(StringComparer.Ordinal);
        var pending = new Stack<string>(outputs);
        var seen = new HashSet<string>(inputs);
        while (pending.TryPop(out var name))
        {
            if (!seen.Add(name))
            {
                continue;
            }

            if (!producers.TryGetValue(name, out var node))
            {
                leaves.Add(name);
            }
            else if (nodes.Add(node))
            {
                foreach (var read in Reads(node))
                {
                    pending.Push(read);
                }
            }
        }

        return (nodes, leaves);
    }

    private static void RenameIn(GraphProto graph, Func<string, string> rename)
    {
        foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
        {
            value.Name = rename(value.Name);
        }

        foreach (var tensor in graph.Initializer)
        {
            tensor.Name = rename(tensor.Name);
        }

        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = rename(node.Input[i]);
            }

            for (var i = 0; i < node.Output.Count; i++)
            {
                node.Output[i] = rename(node.Output[i]);
            }

            foreach (var body in Bodies(node))
            {
                RenameIn(body, rename);
            }
        }
    }
}
