using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Learners;

/// <summary>The names of a learner file's graph, and its two halves.</summary>
internal static class LearnerGraph
{
    public const string SupportFeatures = "support_features";
    public const string SupportLabels = "support_labels";
    public const string SupportWeights = "support_weights";
    public const string QueryFeatures = "query_features";
    public const string Steps = "steps";
    public const string Scores = "scores";

    /// <summary>Regression: half-widths of prediction intervals; not every learner has them.</summary>
    public const string HalfWidths = "half_widths";

    /// <summary>Every fast parameter after adaptation is an output <c>adapted.NAME</c>.</summary>
    public const string AdaptedPrefix = "adapted.";

    /// <summary>What an adaptation graph takes.</summary>
    public static IReadOnlyList<string> AdaptationInputs(LearnerMetadata metadata) =>
        metadata.ExampleWeights ? [SupportFeatures, SupportLabels, Steps, SupportWeights] : [SupportFeatures, SupportLabels, Steps];

    /// <summary>What a forward graph computes.</summary>
    public static IReadOnlyList<string> ForwardOutputs(LearnerMetadata metadata) =>
        metadata.IntervalCoverage is null ? [Scores] : [Scores, HalfWidths];

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
        if (metadata.ExampleWeights)
        {
            Check(SupportWeights, TensorProto.Types.DataType.Float, null);
        }

        void Check(string name, TensorProto.Types.DataType type, int? columns)
        {
            var input = graph.Input.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw Throw.DamagedLearner($"its graph has no input '{name}'");
            var tensor = input.Type?.TensorType;
            if (tensor?.ElemType != (int)type)
            {
                throw Throw.DamagedLearner($"its input '{name}' is not of type {type}");
            }

            if (columns is { } count && (tensor.Shape?.Dim is not { Count: 2 } dims || dims[1].HasDimValue && dims[1].DimValue != count))
            {
                throw Throw.DamagedLearner($"its input '{name}' does not have {count} columns as in its metadata");
            }
        }
    }

    /// <summary>The scores, the half-widths that the metadata promises and the adapted parameters are float32, and there is nothing
    /// else.</summary>
    public static void CheckOutputs(GraphProto graph, LearnerMetadata metadata)
    {
        foreach (var output in graph.Output)
        {
            if (!ForwardOutputs(metadata).Contains(output.Name) && !output.Name.StartsWith(AdaptedPrefix, StringComparison.Ordinal))
            {
                throw Throw.DamagedLearner($"its graph has the unknown output '{output.Name}'");
            }

            if (output.Type?.TensorType?.ElemType != (int)TensorProto.Types.DataType.Float)
            {
                throw Throw.DamagedLearner($"its output '{output.Name}' is not of type Float");
            }
        }
    }

    /// <summary>Adapted parameters out of a file, whose content is checked, have the types and shapes that the forward graph declares, and
    /// are finite.</summary>
    /// <exception cref="FormatException">They have not.</exception>
    public static void CheckAdapted(GraphProto forward, IEnumerable<TensorProto> parameters)
    {
        var axes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var tensor in parameters)
        {
            var declared = forward.Input.First(input => input.Name == tensor.Name).Type.TensorType.Shape?.Dim;
            if (tensor.DataType != (int)TensorProto.Types.DataType.Float || declared is not null && !Fits(tensor.Dims, declared))
            {
                throw Throw.DamagedModel($"its parameter '{tensor.Name}' has another type or shape than that of its learner");
            }

            if (OnnxTensors.ToFloats(tensor).Any(number => !float.IsFinite(number)))
            {
                throw Throw.DamagedModel($"its parameter '{tensor.Name}' is not finite");
            }
        }

        // An axis of a free length has the same length wherever its name stands.
        bool Fits(IList<long> dims, IList<TensorShapeProto.Types.Dimension> declared) => dims.Count == declared.Count
            && dims.Zip(declared).All(pair => pair.Second.HasDimValue
                ? pair.Second.DimValue == pair.First
                : pair.Second.DimParam.Length == 0
                    || axes.TryAdd(pair.Second.DimParam, pair.First)
                    || axes[pair.Second.DimParam] == pair.First);
    }

    /// <summary>Whether what the inner steps start from depends on no support row.</summary>
    public static bool StartsWithoutSupport(GraphProto graph)
    {
        var carried = graph.Node.Where(node => node.OpType == "Loop").SelectMany(loop => loop.Input.Skip(2)).ToArray();
        return carried.Length > 0
            && !OnnxGraphs.Leaves(graph, carried).Any(leaf => leaf is SupportFeatures or SupportLabels or SupportWeights);
    }

    /// <summary>Support rows and steps in; adapted parameters out.</summary>
    public static ModelProto Adaptation(ModelProto model, LearnerMetadata metadata)
    {
        var part = Cut(model, AdaptationInputs(metadata), AdaptedNames(model.Graph));
        // Files of version 1 have a default of this input; this library always feeds the number of steps.
        foreach (var initializer in part.Graph.Initializer.Where(tensor => tensor.Name == Steps).ToArray())
        {
            part.Graph.Initializer.Remove(initializer);
        }

        return part;
    }

    /// <summary>Query features and adapted parameters in; scores and half-widths out.</summary>
    public static ModelProto Forward(ModelProto model, LearnerMetadata metadata) =>
        Cut(model, [QueryFeatures, .. AdaptedNames(model.Graph)], ForwardOutputs(metadata));

    /// <summary>The part of a forward graph behind one of its values: <paramref name="value"/> is then called as the query features
    /// are.</summary>
    public static ModelProto ForwardFrom(ModelProto forward, string value, int features)
    {
        var declared = forward.Clone();
        declared.Graph.ValueInfo.Add(OnnxValues.Float(value, "queries", features));
        var adapted = forward.Graph.Input.Select(input => input.Name).Where(name => name != QueryFeatures);
        string[] outputs = [.. forward.Graph.Output.Select(output => output.Name)];
        return OnnxGraphs.Rename(Cut(declared, [value, .. adapted], outputs), name => name == value ? QueryFeatures : name);
    }

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
