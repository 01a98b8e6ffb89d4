using System.Numerics.Tensors;
using Microsoft.ML;

namespace MLNetMeta.Samples;

/// <summary>Predicts the class of the nearest support row, or of the nearest class mean, without any training.</summary>
internal static class Nearest
{
    public static Baseline Neighbour(MLContext ml) => new("Nearest neighbour", ("Euclidean distance", new SupportTrainer(ml, Neighbour)));

    public static Baseline Mean(MLContext ml) => new("Nearest class mean", ("Euclidean distance", new SupportTrainer(ml, Mean)));

    private static Func<float[], float[]> Neighbour(SupportRows support) => row =>
    {
        var scores = Enumerable.Repeat(float.NegativeInfinity, support.Outputs).ToArray();
        for (var i = 0; i < support.Features.Length; i++)
        {
            var label = Array.IndexOf(support.Targets[i], 1f);
            scores[label] = Math.Max(scores[label], -Distance(row, support.Features[i]));
        }

        return scores;
    };

    private static Func<float[], float[]> Mean(SupportRows support)
    {
        float[][] means = [.. Enumerable.Range(0, support.Outputs).Select(label =>
        {
            float[][] rows = [.. support.Features.Where((_, i) => support.Targets[i][label] == 1)];
            return Enumerable.Range(0, rows[0].Length).Select(f => rows.Average(r => r[f])).ToArray();
        })];
        return row => [.. means.Select(mean => -Distance(row, mean))];
    }

    private static float Distance(float[] a, float[] b) => TensorPrimitives.Distance<float>(a, b);
}
