using MLNetMeta.Transforms;

namespace MLNetMeta.GpuCheck;

/// <summary>Adapting and scoring with a learner file, on a provider and on the processor.</summary>
internal static class LearnerFiles
{
    private const int Rows = 64;

    /// <summary>Largest difference of the scores of 64 rows, over the largest score.</summary>
    public static double Difference(Case @case, ExecutionProvider provider)
    {
        var learner = @case.Learner;
        var features = learner.Network.Inputs;
        var unscaled = new Standardization(new float[features], [.. Enumerable.Repeat(1f, features)]);
        var targets = learner.Loss == TaskLoss.CrossEntropy ? null : new Standardization([0], [1]);
        var file = LearnerFileWriter.Write(
            learner, ParameterSpec.Draw(learner.Slow, new Random(1)),
            new LearnerFileContents(@case.Free, unscaled, targets, Classes: null));
        var (expected, actual) = (Scores(@case, file, ExecutionProvider.Cpu), Scores(@case, file, provider));
        return expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max() / expected.Max(a => Math.Abs((double)a));
    }

    private static float[] Scores(Case @case, byte[] file, ExecutionProvider provider)
    {
        using var learner = Learner.Load(file, new Learner.Options { ExecutionProvider = provider, AdaptationProvider = provider });
        var rows = @case.Draw(TaskRange.Training(0, 1)).Support;
        var width = learner.OutputCount ?? 5;
        var support = new SupportSet(
            @case.Support, rows.Features.Values,
            learner.Task == MetaTask.Classification ? [.. Enumerable.Range(0, @case.Support).Select(i => (long)(i % 5))] : null,
            learner.Task == MetaTask.Classification ? null : rows.Targets.Values);
        using var adapted = learner.Adapt(support);
        using var scorer = new MLNetMeta.Transforms.Scoring.BatchScorer(learner, adapted, width, Rows);
        var random = new Random(3);
        for (var row = 0; row < Rows; row++)
        {
            foreach (ref var x in scorer.Query(row))
            {
                x = (float)random.NextNormal();
            }
        }

        scorer.Run(Rows);
        return [.. Enumerable.Range(0, Rows).SelectMany(row => scorer.Scores(row).ToArray())];
    }
}
