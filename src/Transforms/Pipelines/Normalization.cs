using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>A normaliser of one column: y = (x − centre) · scale, or Φ of it (the normal distribution function, as ML.NET approximates
/// it), of x or of its logarithm. As a distribution, ML.NET gives 0 for what is not finite, and has no logarithm.</summary>
internal sealed record Normalization(ImmutableArray<float> Centre, ImmutableArray<float> Scale, bool IsDistribution, bool UsesLogarithm)
    : INormalization
{
    private const float Tolerance = 1e-4f;

    /// <summary>Null for a kind of normaliser that is neither.</summary>
    public static Normalization? Read(object parameters) => parameters switch
    {
        NormalizingTransformer.AffineNormalizerModelParameters<float> affine => new([affine.Offset], [affine.Scale], false, false),
        NormalizingTransformer.AffineNormalizerModelParameters<ImmutableArray<float>> affine =>
            new(affine.Offset.IsDefaultOrEmpty ? [.. affine.Scale.Select(_ => 0f)] : affine.Offset, affine.Scale, false, false),
        NormalizingTransformer.CdfNormalizerModelParameters<float> cdf =>
            new([cdf.Mean], [1 / cdf.StandardDeviation], true, cdf.UseLog),
        NormalizingTransformer.CdfNormalizerModelParameters<ImmutableArray<float>> cdf =>
            new(cdf.Mean, [.. cdf.StandardDeviation.Select(deviation => 1 / deviation)], true, cdf.UseLog),
        _ => null,
    };

    /// <summary>Whether the transformer gives what this says: at the centre, and one standard unit beside it.</summary>
    public bool Explains(PipelineStep step)
    {
        if (Scale.Length != OnnxColumn.WidthOf(step.Output.Type))
        {
            return false;
        }

        var (atCentre, besides) = IsDistribution ? (0.5f, 0.8413026f) : (0f, 1f);
        return Gives(0, atCentre) && Gives(1, besides);

        bool Gives(float standard, float expected)
        {
            float[] row = [.. Centre.Zip(Scale, (centre, scale) => scale == 0 ? centre : centre + standard / scale)];
            if (UsesLogarithm)
            {
                row = [.. row.Select(MathF.Exp)];
            }

            var made = step.Probe<float, float>(row);
            return made.Zip(Scale).All(
                slot => !float.IsFinite(slot.Second) || slot.Second == 0 || MathF.Abs(slot.First - expected) < Tolerance);
        }
    }

    public string Emit(GraphBuilder graph, string source)
    {
        if (!IsDistribution)
        {
            return Standard(UsesLogarithm ? graph.Add("Log", source) : source);
        }

        var zero = graph.Row([0]);
        var one = graph.Row([1]);
        var isDefined = graph.Add("Less", UsesLogarithm ? source : graph.Add("Abs", source), graph.Row([float.PositiveInfinity]));
        if (UsesLogarithm)
        {
            isDefined = graph.Add("And", isDefined, graph.Add("Greater", source, zero));
        }

        var x = graph.Add("Where", isDefined, source, one);
        // Φ(z) = ½ (1 ± √(1 − exp(−s (4/π + a s) / (1 + a s)))), s = z² / 2, a = 0.147: Winitzki's approximation.
        var z = graph.Add("Div", Standard(UsesLogarithm ? graph.Add("Log", x) : x), graph.Row([MathF.Sqrt(2)]));
        var s = graph.Add("Mul", z, z);
        var a = graph.Add("Mul", s, graph.Row([0.147f]));
        var exponent = graph.Add("Div", graph.Add("Mul", s, graph.Add("Add", a, graph.Row([4 / MathF.PI]))), graph.Add("Add", a, one));
        var root = graph.Add("Sqrt", graph.Add("Sub", one, graph.Add("Exp", graph.Add("Neg", exponent))));
        var signed = graph.Add("Where", graph.Add("Less", z, zero), graph.Add("Neg", root), root);
        var distribution = graph.Add("Mul", graph.Add("Add", signed, one), graph.Row([0.5f]));
        return graph.Add("Where", isDefined, distribution, zero);

        string Standard(string value) => graph.Add("Mul", graph.Add("Sub", value, graph.Row(Centre)), graph.Row(Scale));
    }
}
