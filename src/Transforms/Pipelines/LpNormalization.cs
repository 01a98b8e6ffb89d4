using Microsoft.ML.Data;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>
/// NormalizeLpNorm and NormalizeGlobalContrast: y = s · (x − m) / ‖x − m‖ per row, where m is the row's mean or 0. The transformer does not
/// expose which norm it uses. It is derived from its output for a few rows.
/// </summary>
/// <param name="Norm">How the length of a row is measured.</param>
/// <param name="SubtractsMean">Whether m is the mean of the row.</param>
/// <param name="Scale">s.</param>
internal sealed record LpNormalization(LpNormalization.Kind Norm, bool SubtractsMean, float Scale)
{
    private const float Tolerance = 1e-4f;

    // ML.NET leaves rows alone whose factor is smaller than this.
    private const float SmallestFactor = 1e-8f;

    private static readonly bool[] _eitherWay = [false, true];

    public enum Kind
    {
        L2,
        L1,
        Infinity,
        StandardDeviation,
    }

    /// <summary>The normalisation that explains what the transformer makes of the probes; null when none does.</summary>
    public static LpNormalization? Read(PipelineStep step)
    {
        var width = OnnxColumn.WidthOf(step.Source.Type);
        float[][] rows = [Irregular(width, 1), Irregular(width, 2), Irregular(width, 3), new float[width]];
        var made = rows.Select(row => step.Probe<float, float>(row)).ToArray();
        var candidates =
            from norm in Enum.GetValues<Kind>()
            from subtractsMean in _eitherWay
            let unscaled = new LpNormalization(norm, subtractsMean, 1)
            select unscaled with { Scale = Ratio(made[0], unscaled.Apply(rows[0])) };
        return candidates.FirstOrDefault(candidate => rows.Zip(made).All(pair => Agree(candidate.Apply(pair.First), pair.Second)));
    }

    public string Emit(GraphBuilder graph, string source)
    {
        var mean = Mean(source);
        var centred = SubtractsMean ? graph.Add("Sub", source, mean) : source;
        var length = Norm switch
        {
            Kind.L2 => Reduce("ReduceL2", centred),
            Kind.L1 => Reduce("ReduceL1", centred),
            Kind.Infinity => Reduce("ReduceMax", graph.Add("Abs", centred)),
            _ => graph.Add("Sqrt", Mean(Square(graph.Add("Sub", source, mean)))),
        };
        var scale = graph.Row([Scale]);
        var zero = graph.Row([0]);
        var factor = graph.Add("Where", graph.Add("Greater", length, zero), graph.Add("Div", scale, length), scale);
        var used = graph.Add("Where", graph.Add("Less", factor, graph.Row([SmallestFactor])), graph.Row([1]), factor);
        return graph.Add("Mul", centred, used);

        string Reduce(string operation, string value) => graph.Add(operation, [value], OnnxNodes.Ints("axes", 1));
        string Mean(string value) => Reduce("ReduceMean", value);
        string Square(string value) => graph.Add("Mul", value, value);
    }

    /// <summary>The same in C#.</summary>
    private float[] Apply(float[] row)
    {
        var mean = row.Average();
        var offset = SubtractsMean ? mean : 0;
        var length = Norm switch
        {
            Kind.L2 => MathF.Sqrt(row.Sum(x => (x - offset) * (x - offset))),
            Kind.L1 => row.Sum(x => MathF.Abs(x - offset)),
            Kind.Infinity => row.Max(x => MathF.Abs(x - offset)),
            _ => MathF.Sqrt(row.Average(x => (x - mean) * (x - mean))),
        };
        var factor = length > 0 ? Scale / length : Scale;
        return [.. row.Select(x => (x - offset) * (factor < SmallestFactor ? 1 : factor))];
    }

    /// <summary>Numbers of both signs whose norms and mean differ.</summary>
    private static float[] Irregular(int width, int seed) =>
        [.. Enumerable.Range(1, width).Select(i => seed * (i * 7 % 5 - 1.3f) + 0.01f * i)];

    private static float Ratio(float[] made, float[] unscaled)
    {
        var at = Array.FindIndex(unscaled, value => MathF.Abs(value) > Tolerance);
        return at < 0 ? 1 : made[at] / unscaled[at];
    }

    private static bool Agree(float[] one, float[] other) =>
        one.Length == other.Length
        && one.Zip(other).All(pair => MathF.Abs(pair.First - pair.Second) <= Tolerance * (1 + MathF.Abs(pair.Second)));
}
