using System.Collections.Immutable;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>NormalizeBinning and NormalizeSupervisedBinning: y = (number of bounds below x) / density − offset; a missing x stays
/// missing.</summary>
/// <param name="Bounds">The upper bounds of the bins of every slot, in order.</param>
/// <param name="Density">What the number of a slot's bin is divided by.</param>
/// <param name="Offset">What is subtracted from that.</param>
internal sealed record BinNormalization(
    ImmutableArray<ImmutableArray<float>> Bounds, ImmutableArray<float> Density, ImmutableArray<float> Offset) : INormalization
{
    private const float Tolerance = 1e-5f;

    /// <summary>Null for another kind of normaliser.</summary>
    public static BinNormalization? Read(object parameters) => parameters switch
    {
        NormalizingTransformer.BinNormalizerModelParameters<float> one => new([one.UpperBounds], [one.Density], [one.Offset]),
        NormalizingTransformer.BinNormalizerModelParameters<ImmutableArray<float>> many => new(
            many.UpperBounds, many.Density, many.Offset.IsDefaultOrEmpty ? [.. many.Density.Select(_ => 0f)] : many.Offset),
        _ => null,
    };

    /// <summary>Whether the transformer gives what this says, in the first and the last bin of every slot and at each bound of the first
    /// slots.</summary>
    public bool Explains(PipelineStep step)
    {
        if (Bounds.Length != OnnxColumn.WidthOf(step.Output.Type))
        {
            return false;
        }

        var most = Bounds.Max(bounds => bounds.Length);
        for (var bin = -1; bin < most; bin++)
        {
            // Just above a bound.
            float[] row = [.. Bounds.Select(
                bounds => Finite(bin < 0 ? bounds[0] - 1 : MathF.BitIncrement(bounds[Math.Min(bin, bounds.Length - 1)])))];
            var made = step.Probe<float, float>(row);
            for (var slot = 0; slot < row.Length; slot++)
            {
                if (!(MathF.Abs(made[slot] - Apply(slot, row[slot])) <= Tolerance))
                {
                    return false;
                }
            }
        }

        return true;

        static float Finite(float value) => float.IsFinite(value) ? value : 0;
    }

    public string Emit(GraphBuilder graph, string source)
    {
        // [rows, slots, 1] > [slots, bounds]; shorter lists of bounds end in infinities, which nothing exceeds.
        var most = Bounds.Max(bounds => bounds.Length);
        float[] padded = [.. Bounds.SelectMany(bounds => bounds.Concat(Enumerable.Repeat(float.PositiveInfinity, most - bounds.Length)))];
        var bounds = graph.Floats([Bounds.Length, most], padded);
        var exceeded = graph.Cast(
            graph.Add("Greater", graph.Add("Unsqueeze", source, graph.Integers([2])), bounds), TensorProto.Types.DataType.Float);
        var bins = graph.Add("ReduceSum", [exceeded, graph.Integers([2])], OnnxNodes.Int("keepdims", 0));
        var made = graph.Add("Sub", graph.Add("Div", bins, graph.Row(Density)), graph.Row(Offset));
        return graph.Add("Where", graph.Add("IsNaN", source), source, made);
    }

    private float Apply(int slot, float x) => Bounds[slot].Count(bound => x > bound) / Density[slot] - Offset[slot];
}
