using Microsoft.ML;
using MLNetMeta.Transforms;

namespace MLNetMeta.Benchmarks;

/// <summary>Learning a new task in the app: 5 classes, 5 rows of each, 50 inner steps of a 16-64-64 learner.</summary>
internal static class AdaptationBenchmark
{
    public static void Run(TextWriter output, int rounds)
    {
        var ml = new MLContext(1);
        var file = BenchmarkModel.LearnerFile();
        using var learner = Learner.Load(file);
        var support = BenchmarkModel.Keyed(ml, BenchmarkModel.Rows(BenchmarkModel.Ways * BenchmarkModel.Shots));
        var trainer = ml.MetaLearning().FewShot(learner);
        new Paired("Adapting to 5 classes of 5 rows, 50 steps", rounds)
            .Add("FewShot(learner).Fit(support)", () => trainer.Fit(support).Dispose())
            .Add("the same with a learner just loaded", () =>
            {
                using var loaded = Learner.Load(file);
                ml.MetaLearning().FewShot(loaded).Fit(support).Dispose();
            })
            .Report(output, repeats: 5);
    }
}
