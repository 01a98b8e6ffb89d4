using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Onnx;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms;

/// <summary>One output column of a fitted transformer, with what it is made of.</summary>
/// <param name="Stage">The transformer.</param>
/// <param name="Input">Its input schema.</param>
/// <param name="Output">The column that it adds.</param>
/// <param name="Siblings">Number of columns that it adds.</param>
/// <param name="Sources">The columns that it is made of.</param>
internal sealed record PipelineStep(
    ITransformer Stage, DataViewSchema Input, DataViewSchema.Column Output, int Siblings, IReadOnlyList<DataViewSchema.Column> Sources);

/// <summary>ML.NET's transformers as ONNX nodes: one method per kind of transformer, one row per kind in the table.</summary>
internal static class PipelineStages
{
    private const string Concatenate = "Concatenate", Copy = "CopyColumns", Normalize = "Normalize…", Replace = "ReplaceMissingValues";
    private const string Indicate = "IndicateMissingValues", Convert = "ConvertType", OneHot = "OneHotEncoding of text";

    /// <summary>What can be expressed, for the error about what cannot.</summary>
    public static IReadOnlyList<string> Known { get; } = [Concatenate, Copy, Normalize, Replace, Indicate, Convert, OneHot, "SelectColumns"];

    /// <summary>The values of the step's sources to the value of its output; null when the graph cannot express it.</summary>
    public static string? Emit(PipelineGraph graph, PipelineStep step) => step.Stage switch
    {
        ColumnConcatenatingTransformer => AreSingles(step) ? EmitConcatenation(graph, step) : null,
        ColumnCopyingTransformer => graph[step.Sources.Single()],
        NormalizingTransformer normalizer => AreSingles(step) ? EmitNormalization(graph, step, normalizer) : null,
        MissingValueReplacingTransformer => AreSingles(step) ? EmitReplacement(graph, step) : null,
        MissingValueIndicatorTransformer => AreSingles(step) ? EmitCast(graph, graph.Add("IsNaN", graph[step.Sources.Single()]), step) : null,
        TypeConvertingTransformer => IsPlainCast(step) ? EmitCast(graph, graph[step.Sources.Single()], step) : null,
        OneHotEncodingTransformer => EmitOneHot(graph, step),
        _ => null,
    };

    private static bool AreSingles(PipelineStep step) =>
        step.Sources.All(source => PipelineColumn.TypeOf(source.Type) == TensorProto.Types.DataType.Float);

    private static bool IsPlainCast(PipelineStep step) =>
        step.Sources is [var source]
        && PipelineColumn.TypeOf(source.Type) is { } from && from != TensorProto.Types.DataType.String
        && PipelineColumn.TypeOf(step.Output.Type) is { } to && to != TensorProto.Types.DataType.String;

    /// <summary>The transformer does not tell the order of its columns: every slot gets a number of its own, and the output shows it.</summary>
    private static string EmitConcatenation(PipelineGraph graph, PipelineStep step)
    {
        var first = new Dictionary<int, int>();
        var next = 1;
        foreach (var source in step.Sources)
        {
            first[source.Index] = next;
            next += PipelineColumn.WidthOf(source.Type);
        }
        var numbers = ProbeRow.Run(step.Stage, step.Input, step.Output, column =>
            [.. Enumerable.Range(first[column], PipelineColumn.WidthOf(step.Input[column].Type)).Select(number => (float)number)]);
        var parts = numbers.SelectMany(number => step.Sources.Where(source => first[source.Index] == (int)number)).Select(source => graph[source]);
        return graph.Add("Concat", [.. parts], Int("axis", 1));
    }

    /// <summary>The parameters are public, but not whose they are: those are the column's that explain what the transformer does.</summary>
    private static string? EmitNormalization(PipelineGraph graph, PipelineStep step, NormalizingTransformer normalizer)
    {
        for (var index = 0; index < step.Siblings; index++)
        {
            if (Normalization.Read(normalizer.GetNormalizerModelParameters(index)) is { } normalization && normalization.Explains(step))
                return normalization.Emit(graph, graph[step.Sources.Single()]);
        }
        return null;
    }

    /// <summary>A row of missing values shows what each is replaced by.</summary>
    private static string EmitReplacement(PipelineGraph graph, PipelineStep step)
    {
        var source = step.Sources.Single();
        float[] missing = [.. Enumerable.Repeat(float.NaN, PipelineColumn.WidthOf(source.Type))];
        var replacements = ProbeRow.Run(step.Stage, step.Input, step.Output, _ => missing);
        return graph.Add("Where", graph.Add("IsNaN", graph[source]), graph.Row([.. replacements]), graph[source]);
    }

    private static string EmitCast(PipelineGraph graph, string value, PipelineStep step) =>
        graph.Add("Cast", [value], Int("to", (long)PipelineColumn.TypeOf(step.Output.Type)!));

    /// <summary>The slots of the output are named by the categories. An unknown category gives zeros, as in ML.NET.</summary>
    private static string? EmitOneHot(PipelineGraph graph, PipelineStep step)
    {
        if (step.Sources is not [{ Type: TextDataViewType } source] || !step.Output.HasSlotNames())
            return null;
        VBuffer<ReadOnlyMemory<char>> names = default;
        step.Output.GetSlotNames(ref names);
        return graph.OneHot(graph[source], [.. names.DenseValues().Select(name => name.ToString())]);
    }
}
