namespace MLNetMeta.Transforms.Onnx;

/// <summary>Whole models: the envelope around a graph, and its metadata properties.</summary>
internal static class OnnxModels
{
    /// <summary>IR version of every model written here; read by ONNX Runtime 1.11 and later.</summary>
    public const long IrVersion = 8;

    /// <summary>Operator set of every model written here.</summary>
    public const long OperatorSet = 17;

    private static string Producer { get; } = typeof(OnnxModels).Assembly.GetName().Version!.ToString(3);

    /// <summary>Wraps <paramref name="graph"/> into a model with the given metadata properties, in their order.</summary>
    public static ModelProto Create(GraphProto graph, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "MLNetMeta",
            ProducerVersion = Producer,
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = OperatorSet } },
        };
        foreach (var (key, value) in metadata ?? [])
        {
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return model;
    }

    /// <summary>The metadata properties by key; of a repeated key the last value.</summary>
    public static Dictionary<string, string> Metadata(ModelProto model)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in model.MetadataProps)
        {
            properties[property.Key] = property.Value;
        }

        return properties;
    }
}
