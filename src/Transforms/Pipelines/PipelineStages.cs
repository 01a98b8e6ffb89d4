using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>ML.NET's transformers as ONNX nodes: one method per kind of transformer, one row per kind in the table.</summary>
internal static class PipelineStages
{
    /// <summary>The supported transformers, for the error message about an unsupported one.</summary>
    public const string Known =
        "Concatenate, CopyColumns and SelectColumns; the normalisers, ReplaceMissingValues and IndicateMissingValues on columns of Single; "
        + "ConvertType between numbers; MapValueToKey, MapKeyToVector, MapKeyToBinaryVector and OneHotEncoding (not as Binary); "
        + "ExtractPixels; ApplyOnnxModel, and what is made of it: Backbone and DnnFeaturizeImage";

    /// <summary>The values of the step's sources to the value of its output; null when the graph cannot express it.</summary>
    public static string? Emit(PipelineGraph graph, PipelineStep step) => step.Stage switch
    {
        _ when step.Sources.Append(step.Output).Any(column => OnnxColumn.WidthOf(column.Type) == 0) => null,
        ColumnConcatenatingTransformer => EmitConcatenation(graph, step),
        ColumnCopyingTransformer => graph[step.Source],
        NormalizingTransformer normalizer => AreSingles(step) ? EmitNormalization(graph, step, normalizer) : null,
        LpNormNormalizingTransformer => LpNormalization.Read(step)?.Emit(graph.Nodes, graph[step.Source]),
        MissingValueReplacingTransformer => AreSingles(step) ? EmitReplacement(graph, step) : null,
        MissingValueIndicatorTransformer => AreSingles(step) ? EmitCast(graph, graph.Nodes.Add("IsNaN", graph[step.Source]), step) : null,
        TypeConvertingTransformer => IsPlainCast(step) ? EmitCast(graph, graph[step.Source], step) : null,
        ValueToKeyMappingTransformer => Categories.OfKeys(step)?.Keys(graph.Nodes, graph[step.Source]),
        KeyToVectorMappingTransformer => EmitKeys(graph, step, graph[step.Source], KeyCount(step.Source.Type)),
        KeyToBinaryVectorMappingTransformer => EmitCodes(graph, step),
        OneHotEncodingTransformer => EmitOneHot(graph, step),
        Microsoft.ML.Transforms.Onnx.OnnxTransformer => OnnxStage.Emit(graph, step),
        _ when ImagePixels.IsExtraction(step.Stage) => ImagePixels.Read(step)?.Emit(graph, step),
        _ => null,
    };

    private static bool AreSingles(PipelineStep step) =>
        step.Sources.All(source => OnnxColumn.TypeOf(source.Type) == TensorProto.Types.DataType.Float);

    private static bool IsPlainCast(PipelineStep step) =>
        step.Sources is [var source] && IsNumber(source.Type) && IsNumber(step.Output.Type);

    private static bool IsNumber(DataViewType type) => OnnxColumn.ItemType(type) is NumberDataViewType or BooleanDataViewType;

    private static string? EmitConcatenation(PipelineGraph graph, PipelineStep step)
    {
        var item = OnnxColumn.ItemType(step.Output.Type).RawType;
        var order = item == typeof(float) ? Order<float>(step) : item == typeof(double) ? Order<double>(step)
            : item == typeof(int) ? Order<int>(step) : item == typeof(long) ? Order<long>(step) : null;
        return order is null ? null : graph.Nodes.Add("Concat", [.. order.Select(source => graph[source])], Int("axis", 1));
    }

    /// <summary>The transformer does not expose the order of its columns. Every slot gets its own number, and the output shows the
    /// order.</summary>
    private static DataViewSchema.Column[]? Order<T>(PipelineStep step) where T : INumber<T>
    {
        if (step.Output.Type is not VectorDataViewType { ItemType: NumberDataViewType })
        {
            return null;
        }

        var first = new Dictionary<int, int>();
        var next = 1;
        foreach (var source in step.Sources)
        {
            first[source.Index] = next;
            next += OnnxColumn.WidthOf(source.Type);
        }

        var numbers = ProbeRow.Run<T>(step.Stage, step.Input, step.Output, column => ProbeRow.Value<T>(
            column, [.. Enumerable.Range(first[column.Index], OnnxColumn.WidthOf(column.Type)).Select(T.CreateChecked)]));
        return [.. numbers.SelectMany(number => step.Sources.Where(source => T.CreateChecked(first[source.Index]) == number))];
    }

    /// <summary>The parameters are public, but not which column they belong to. A column's parameters are the ones that explain the
    /// transformer's output.</summary>
    private static string? EmitNormalization(PipelineGraph graph, PipelineStep step, NormalizingTransformer normalizer)
    {
        for (var index = 0; index < step.Siblings; index++)
        {
            var parameters = normalizer.GetNormalizerModelParameters(index);
            var normalization = Normalization.Read(parameters) ?? (INormalization?)BinNormalization.Read(parameters);
            if (normalization is not null && normalization.Explains(step))
            {
                return normalization.Emit(graph.Nodes, graph[step.Source]);
            }
        }

        return null;
    }

    /// <summary>A row of missing values shows what each is replaced by.</summary>
    private static string EmitReplacement(PipelineGraph graph, PipelineStep step)
    {
        float[] missing = [.. Enumerable.Repeat(float.NaN, OnnxColumn.WidthOf(step.Source.Type))];
        var source = graph[step.Source];
        return graph.Nodes.Add("Where", graph.Nodes.Add("IsNaN", source), graph.Nodes.Row([.. step.Probe<float, float>(missing)]), source);
    }

    private static string EmitCast(PipelineGraph graph, string value, PipelineStep step) =>
        graph.Nodes.Cast(value, OnnxColumn.TypeOf(step.Output.Type)!.Value);

    /// <summary>The slots of the output are named by the categories; as keys they are its key values. An unknown category gives zeros, as
    /// in ML.NET.</summary>
    private static string? EmitOneHot(PipelineGraph graph, PipelineStep step)
    {
        if (step.Sources is not [var source])
        {
            return null;
        }

        if (OnnxColumn.ItemType(step.Output.Type) is KeyDataViewType)
        {
            return Categories.OfKeys(step)?.Keys(graph.Nodes, graph[source]);
        }

        return Categories.OfSlots(step) is { } categories
            ? EmitKeys(graph, step, categories.Keys(graph.Nodes, graph[source]), categories.Count)
            : null;
    }

    /// <summary>Keys to ones and zeros: beside each other for the slots of a vector, or counted over all of them (a bag).</summary>
    private static string? EmitKeys(PipelineGraph graph, PipelineStep step, string keys, int count)
    {
        var slots = OnnxColumn.WidthOf(step.Source.Type);
        var ones = Categories.Ones(graph.Nodes, keys, count);
        if (OnnxColumn.WidthOf(step.Output.Type) == slots * count)
        {
            return graph.Nodes.Flatten(ones, slots * count);
        }

        return OnnxColumn.WidthOf(step.Output.Type) == count
            ? graph.Nodes.Add("ReduceSum", [ones, graph.Nodes.Integers([1])], Int("keepdims", 0))
            : null;
    }

    /// <summary>Keys to binary codes: a table of what the transformer makes of each key, missing first.</summary>
    private static string? EmitCodes(PipelineGraph graph, PipelineStep step)
    {
        var slots = OnnxColumn.WidthOf(step.Source.Type);
        var total = OnnxColumn.WidthOf(step.Output.Type);
        if (total % slots != 0 || OnnxColumn.ItemType(step.Source.Type).RawType != typeof(uint))
        {
            return null;
        }

        var bits = total / slots;
        var count = KeyCount(step.Source.Type) + 1;
        float[] table = [.. Enumerable.Range(0, count)
            .SelectMany(key => step.Probe<uint, float>([.. Enumerable.Repeat((uint)key, slots)]).Take(bits))];
        return graph.Nodes.Flatten(graph.Nodes.Add("Gather", graph.Nodes.Floats([count, bits], table), graph[step.Source]), total);
    }

    private static int KeyCount(DataViewType type) => (int)((KeyDataViewType)OnnxColumn.ItemType(type)).Count;
}
