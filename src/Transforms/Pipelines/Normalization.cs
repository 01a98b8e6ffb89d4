using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Transforms;

/// <summary>A normaliser of one column: y = (x − centre) · scale, or Φ of it (the normal distribution function), of x or of its
/// logarithm.</summary>
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
        if (Scale.Length != PipelineColumn.WidthOf(step.Output.Type))
            return false;
        var (atCentre, besides) = IsDistribution ? (0.5f, 0.8413447f) : (0f, 1f);
        return Gives(0, atCentre) && Gives(1, besides);

        bool Gives(float standard, float expected)
        {
            float[] row = [.. Centre.Zip(Scale, (centre, scale) => scale == 0 ? centre : centre + standard / scale)];
            if (UsesLogarithm)
                row = [.. row.Select(MathF.Exp)];
            var made = step.Probe<float, float>(row);
            return made.Zip(Scale).All(slot => !float.IsFinite(slot.Second) || slot.Second == 0 || MathF.Abs(slot.First - expected) < Tolerance);
        }
    }

    public string Emit(PipelineGraph graph, string source)
    {
        var x = UsesLogarithm ? graph.Add("Log", source) : source;
        var standard = graph.Add("Mul", graph.Add("Sub", x, graph.Row(Centre)), graph.Row(Scale));
        if (!IsDistribution)
            return standard;
        // Φ(z) = ½ (1 + erf(z / √2))
        var erf = graph.Add("Erf", graph.Add("Div", standard, graph.Row([MathF.Sqrt(2)])));
        return graph.Add("Mul", graph.Add("Add", erf, graph.Row([1])), graph.Row([0.5f]));
    }
}
