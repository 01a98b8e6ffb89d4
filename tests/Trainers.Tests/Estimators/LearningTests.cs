using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>Seconds of meta-training on sinusoids are worth something on sinusoids never seen.</summary>
public sealed class LearningTests
{
    public static TheoryData<string> Learners => TinyTraining.Learners;

    [Theory]
    [MemberData(nameof(Learners))]
    public void Fit_OfSinusoids_LearnsToLearnThem(string name)
    {
        var ml = new MLContext(1);
        var options = TinyTraining.Descending(name) with
        {
            Tasks = TinyTraining.Tasks with { SupportRows = 10, QueryRows = 10 },
            Network = new MultilayerPerceptron { HiddenUnits = [32, 32] },
            Adaptation = new() { Optimizer = Optimizer.Sgd(0.02, 0.9, nesterov: true), Steps = 20 },
            Rule = MetaGradientRule.Contrastive(nudgedSteps: 10),
            Training = new()
            {
                Optimizer = Optimizer.Adam(5e-3), Steps = 300, TasksPerStep = 8, ValidationInterval = 100, ValidationTasks = 4, Seed = 1,
            },
            Compute = Compute.Torch(threads: 1),
        };
        var tasks = ManyTasks.View(ml, ManyTasks.Sinusoids(200, 25));
        using var trained = TinyTraining.Trainer(ml, MetaTask.Regression, options).Fit(tasks);
        // The same network, optimiser and steps from random weights: a meta-training whose steps do nothing.
        using var scratch = TinyTraining.Trainer(
            ml, MetaTask.Regression,
            options.WithTraining(t => t with { Steps = 1, Optimizer = Optimizer.Sgd(1e-12), AveragingDecay = 0 })).Fit(tasks);

        var unseen = ManyTasks.View(ml, ManyTasks.Sinusoids(60, 25, seed: 77));
        var evaluation = new FewShotEvaluationOptions { Tasks = options.Tasks, NumberOfEpisodes = 100 };
        var adapted = Error(trained.Learner, evaluation);
        AssertClearlyBelow(adapted, Error(trained.Learner, evaluation with { AdaptationSteps = 0 }));
        AssertClearlyBelow(adapted, Error(scratch.Learner, evaluation));

        FewShotMetrics Error(Learner learner, FewShotEvaluationOptions how) => ml.MetaLearning().Regression.Evaluate(learner, unseen, how);
    }

    /// <summary>
    /// On the same episodes: the mean difference is three standard errors below zero, which chance does once in a thousand times.
    /// </summary>
    private static void AssertClearlyBelow(FewShotMetrics low, FewShotMetrics high)
    {
        var difference = new FewShotMetrics("difference", [.. low.Episodes.Zip(high.Episodes, (l, h) => l - h)]);
        Assert.True(
            difference.Mean < -3 * difference.StandardDeviation / Math.Sqrt(difference.Episodes.Count),
            $"{low} against {high}: {difference}");
    }
}
