using System.Text.Json;
using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Improving;

/// <summary>A learner is improved in JavaScript as in .NET; skipped where Node.js is not installed.</summary>
public sealed class NodeImproverTests
{
    private const string Sample = "samples/NodeJs";

    private const int Rows = 9;

    [OutsideTheory("node", $"{Sample}/node_modules/onnxruntime-web", $"run npm install in {Sample}")]
    [InlineData("regression")]
    [InlineData("shared labels")]
    [InlineData("episodes")]
    public void ImproveOnce_OfEveryKindOfLabels_IsAStepOfTheImprover(string labels)
    {
        var options = TinyTraining.Descending() with
        {
            Improvable = true, Rule = MetaGradientRule.Contrastive(strength: 0.3, nudgedSteps: 5),
            Training = new() { Steps = 2, Seed = 1, TasksPerStep = 4, Optimizer = Optimizer.Sgd(0.1) },
        };
        using var learner = labels switch
        {
            "regression" => TinyTraining.Regression(options),
            "shared labels" => TinyTraining.SharedLabels(options with { LabelColumnName = "Key" }),
            _ => TinyTraining.Episodes(options with { Tasks = new Episodes { Ways = 3, Shots = 2, QueryRows = 4 } }),
        };
        using var folder = new TemporaryFolder();
        learner.Save(folder.File("learner.onnx"));
        var random = new Random(3);
        var (support, query) = (Draw(learner, random), Draw(learner, random));
        File.WriteAllText(
            folder.File("task.json"),
            JsonSerializer.Serialize(new { support = Json(learner, support), query = Json(learner, query) }));

        var (status, output) = OutsideProgram.Run(
            "node", Path.Combine(OutsideProgram.Root, Sample, "improve-once.mjs"), folder.File("learner.onnx"), folder.File("task.json"),
            folder.File("improved.onnx"));

        Assert.True(status == 0, output);
        var answer = JsonDocument.Parse(output).RootElement;
        var (gradient, loss) = learner.Contribute(support, query, CancellationToken.None);
        Assert.Equal(loss, answer.GetProperty("loss").GetDouble(), 1e-4 * (1 + loss));
        float[] ofNode = [.. answer.GetProperty("gradient").EnumerateArray().Select(number => number.GetSingle())];
        AssertClose(gradient, ofNode);

        var ml = new MLContext(1);
        using var improver = ml.MetaLearning().OpenImprover(folder.File("server"), learner, new ImproverOptions { TasksPerStep = 1 });
        improver.Add(new LearnerContribution
        {
            Id = Guid.NewGuid(), Lineage = learner.Improvement!.Lineage, Revision = 0,
            ThetaChecksum = learner.Improvement.ThetaChecksum(), Tasks = 1, EvaluationLoss = loss, Gradient = gradient,
        });
        Assert.True(improver.TryImprove());
        using var expected = ml.MetaLearning().LoadLearner(new MemoryStream(improver.Current.File.ToArray()));
        using var improved = ml.MetaLearning().LoadLearner(folder.File("improved.onnx"));
        Assert.Equal((1, expected.Revision), (improved.Revision, improved.Revision));
        AssertClose(expected.Improvement!.ThetaAsNumbers(), improved.Improvement!.ThetaAsNumbers());
        Assert.NotEqual(learner.Improvement.Theta, improved.Improvement.Theta);

        // The constants of the learner's own graph are revised too.
        var (before, after) = (Scores(learner, support, query), Scores(improved, support, query));
        AssertClose(Scores(expected, support, query), after);
        Assert.NotEqual(before, after);
    }

    private static SupportSet Draw(Learner learner, Random random) => new(
        Rows, [.. Enumerable.Range(0, Rows * learner.FeatureCount).Select(_ => random.NextSingle())],
        learner.Task == MetaTask.Regression ? null : [.. Enumerable.Range(0, Rows).Select(row => (long)row % Classes(learner))],
        learner.Task == MetaTask.Regression
            ? [.. Enumerable.Range(0, Rows * learner.OutputCount!.Value).Select(_ => random.NextSingle())] : null);

    private static int Classes(Learner learner) => learner.Labels == LabelSemantics.Episodes ? 3 : learner.Classes.Count;

    private static object[] Json(Learner learner, SupportSet rows) => [.. Enumerable.Range(0, rows.Rows).Select(row =>
    {
        var features = rows.Features[(row * learner.FeatureCount)..((row + 1) * learner.FeatureCount)];
        return rows.Classes is { } classes
            ? new
            {
                features,
                label = learner.Labels == LabelSemantics.Episodes ? $"class {classes[row]}" : learner.Classes[(int)classes[row]],
            }
            : (object)new
            {
                features, targets = rows.Targets![(row * learner.OutputCount!.Value)..((row + 1) * learner.OutputCount.Value)],
            };
    })];

    private static float[] Scores(Learner learner, SupportSet support, SupportSet query)
    {
        using var adapted = learner.Adapt(support);
        using var scorer = new BatchScorer(learner, adapted, learner.OutputCount ?? Classes(learner), query.Rows);
        for (var row = 0; row < query.Rows; row++)
        {
            query.Features.AsSpan(row * learner.FeatureCount, learner.FeatureCount).CopyTo(scorer.Query(row));
        }

        scorer.Run(query.Rows);
        return [.. Enumerable.Range(0, query.Rows).SelectMany(row => scorer.Scores(row).ToArray())];
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var size = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3f * size));
    }
}
