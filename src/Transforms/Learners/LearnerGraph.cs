using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms;

/// <summary>The names of a learner file's graph, and its two halves.</summary>
internal static class LearnerGraph
{
    public const string SupportFeatures = "support_features";
    public const string SupportLabels = "support_labels";
    public const string QueryFeatures = "query_features";
    public const string Steps = "steps";
    public const string Scores = "scores";

    /// <summary>Every fast parameter after adaptation is an output <c>adapted.NAME</c>.</summary>
    public const string AdaptedPrefix = "adapted.";

    public static IReadOnlyList<string> AdaptationInputs { get; } = [SupportFeatures, SupportLabels, Steps];

    public static IReadOnlyList<string> ScoresOutput { get; } = [Scores];

    public static string[] AdaptedNames(GraphProto graph)
    {
        var names = graph.Output
            .Select(output => output.Name)
            .Where(name => name.StartsWith(AdaptedPrefix, StringComparison.Ordinal))
            .ToArray();
        return names.Length > 0 ? names : throw Throw.DamagedLearner("its graph has no output 'adapted.*'");
    }

    /// <summary>The inputs are there, and have the types and lengths that the metadata promises.</summary>
    public static void CheckInputs(GraphProto graph, LearnerMetadata metadata)
    {
        var labels = metadata.Task == MetaTask.Classification ? TensorProto.Types.DataType.Int64 : TensorProto.Types.DataType.Float;
        Check(SupportFeatures, TensorProto.Types.DataType.Float, metadata.FeatureCount);
        Check(QueryFeatures, TensorProto.Types.DataType.Float, metadata.FeatureCount);
        Check(SupportLabels, labels, metadata.Task == MetaTask.Regression ? metadata.OutputCount : null);
        Check(Steps, TensorProto.Types.DataType.Int64, null);

        void Check(string name, TensorProto.Types.DataType type, int? columns)
        {
            var input = graph.Input.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw Throw.DamagedLearner($"its graph has no input '{name}'");
            var tensor = input.Type?.TensorType;
            if (tensor?.ElemType != (int)type)
                throw Throw.DamagedLearner($"its input '{name}' is not of type {type}");
            if (columns is { } count && (tensor.Shape?.Dim is not { Count: 2 } dims || dims[1].HasDimValue && dims[1].DimValue != count))
                throw Throw.DamagedLearner($"its input '{name}' does not have {count} columns as its metadata says");
        }
    }

    /// <summary>Support features, support labels and steps in; adapted parameters out.</summary>
    public static ModelProto Adaptation(ModelProto model)
    {
        var part = Cut(model, [SupportFeatures, SupportLabels, Steps], AdaptedNames(model.Graph));
        // The default of the optional input is dropped: this library always feeds the number of steps.
        foreach (var initializer in part.Graph.Initializer.Where(tensor => tensor.Name == Steps).ToArray())
            part.Graph.Initializer.Remove(initializer);
        return part;
    }

    /// <summary>Query features and adapted parameters in; scores out.</summary>
    public static ModelProto Forward(ModelProto model) => Cut(model, [QueryFeatures, .. AdaptedNames(model.Graph)], [Scores]);

    private static ModelProto Cut(ModelProto model, IReadOnlyCollection<string> inputs, IReadOnlyCollection<string> outputs)
    {
        try
        {
            return OnnxGraphs.Cut(model, inputs, outputs);
        }
        catch (FormatException exception)
        {
            throw Throw.DamagedLearner(exception.Message, exception);
        }
    }
}
