using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Trainers;
using MLNetMeta.Transforms;

namespace MLNetMeta.Benchmarks;

/// <summary>A 16-64-64 learner with 50 inner steps, as the trainers write it but with random weights, and tasks for it.</summary>
internal static class BenchmarkModel
{
    public const int Features = 16, Ways = 5, Shots = 5;

    /// <summary>The learner file.</summary>
    public static byte[] LearnerFile(int features = Features)
    {
        var network = Mlp.WithReadout(features, [64, 64], outputs: null, Activation.Relu);
        var learner = new ComplexSynapse(network, TaskLoss.CrossEntropy, strength: 0.1, learnStrength: true);
        using var theta = SlowParameters.Draw(learner.Slow, new Random(1));
        var free = new Phase(Optimizer.Sgd(0.1), Steps: 50);
        var standardization = new Standardization(new float[features], [.. Enumerable.Repeat(1f, features)]);
        return LearnerFileWriter.Write(
            learner, theta.ToVector(), new LearnerFileContents(free, standardization, Targets: null, Classes: null));
    }

    /// <summary>Rows of five clouds, interleaved.</summary>
    public static Row[] Rows(int count)
    {
        var random = new Random(2);
        var centres = Enumerable.Range(0, Ways).Select(_ => Features.Values(random, 2)).ToArray();
        return [.. Enumerable.Range(0, count).Select(i => new Row
        {
            Label = $"class {i % Ways}",
            Features = [.. centres[i % Ways].Zip(Features.Values(random, 1), (centre, noise) => centre + noise)],
        })];
    }

    /// <summary>The rows with their label as a key.</summary>
    public static IDataView Keyed(MLContext ml, Row[] rows)
    {
        var view = ml.Data.LoadFromEnumerable(rows);
        return ml.Transforms.Conversion.MapValueToKey(nameof(Row.Label)).Fit(view).Transform(view);
    }

    /// <summary>A model of five classes, adapted from five rows of each.</summary>
    public static FewShotPredictionTransformer Adapt(MLContext ml, Learner learner, FewShotTrainer.Options? options = null) =>
        ml.MetaLearning().FewShot(learner, options ?? new FewShotTrainer.Options()).Fit(Keyed(ml, Rows(Ways * Shots)));

    private static float[] Values(this int count, Random random, double spread) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(spread * (2 * random.NextDouble() - 1)))];

    internal sealed class Row
    {
        [VectorType(BenchmarkModel.Features)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";
    }
}
