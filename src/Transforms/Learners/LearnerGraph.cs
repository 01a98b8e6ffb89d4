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
        var names = graph.Output.Select(output => output.Name).Where(name => name.StartsWith(AdaptedPrefix, StringComparison.Ordinal)).ToArray();
        return names.Length > 0 ? names : throw Throw.DamagedLearner("its graph has no output 'adapted.*'");
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
