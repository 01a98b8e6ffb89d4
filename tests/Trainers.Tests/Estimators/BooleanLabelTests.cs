using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>Meta-training and evaluation of tasks whose labels are true or false.</summary>
public sealed class BooleanLabelTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [MemberData(nameof(TinyTraining.Learners), MemberType = typeof(TinyTraining))]
    public void Fit_BooleanLabels_GivesABinaryLearnerThatLearns(string learnerName)
    {
        var options = TinyTraining.OfRegression(learnerName).WithTraining(t => t with { Steps = 60, ValidationInterval = 20 })
            .WithAdaptation(a => a with { Steps = 12 });
        using var learner = TinyTraining.Trainer(_ml, MetaTask.Classification, options).Fit(Tasks(40, seed: 1)).Learner;

        Assert.Equal(LabelSemantics.Binary, learner.Labels);
        Assert.Equal(["False", "True"], learner.Classes);
        var evaluation = new FewShotEvaluationOptions { Tasks = TinyTraining.Tasks, NumberOfEpisodes = 100 };
        var metrics = _ml.MetaLearning().Classification.Evaluate(learner, Tasks(30, seed: 2), evaluation);
        Assert.InRange(metrics.Mean, 0.7, 1);

        // A binary trainer on each task's rows, and one that was trained before, on the same episodes.
        var trainer = _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(l2Regularization: 0.01f);
        Assert.InRange(_ml.MetaLearning().Classification.Evaluate(trainer, Tasks(30, seed: 2), evaluation).Mean, 0.5, 1);
        Assert.InRange(_ml.MetaLearning().Classification.Evaluate(trainer.Fit(Tasks(40, seed: 1)), Tasks(30, seed: 2), evaluation).Mean,
            0.4, 0.9);
        var uncalibrated = _ml.BinaryClassification.Trainers.LinearSvm();
        var margins = _ml.MetaLearning().Classification.Evaluate(uncalibrated, Tasks(30, seed: 2), evaluation);
        Assert.InRange(margins.Mean, 0.5, 1);
        Assert.True(double.IsNaN(margins["LogLoss"].Mean));
    }

    [Fact]
    public void Fit_BooleanLabelsWithoutATaskColumn_IsRefusedWithTheWayOut()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => TinyTraining.Trainer(
            _ml, MetaTask.Classification, TinyTraining.Options("ComplexSynapse")).Fit(Tasks(4, seed: 1)));
        Assert.Contains("expected Key<UInt32>, got Boolean", error.Message, StringComparison.Ordinal);
        Assert.Contains("new TaskColumn", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_OfKeysForABinaryLearnerAndTheOtherWayRound_IsRefused()
    {
        using var binary = TinyTraining.Trainer(_ml, MetaTask.Classification, TinyTraining.OfRegression()).Fit(Tasks(8, seed: 1)).Learner;
        using var shared = TinyTraining.SharedLabels(TinyTraining.OfSharedLabels());
        var keys = MLNetMeta.Testing.ManyTasks.View(_ml, MLNetMeta.Testing.ManyTasks.Sinusoids(8, 12));
        var options = new FewShotEvaluationOptions { Tasks = TinyTraining.Tasks, NumberOfEpisodes = 2 };
        var error = Assert.Throws<ArgumentException>(
            () => _ml.MetaLearning().Classification.Evaluate(binary, keys, options with { LabelColumnName = "Key" }));
        Assert.Contains("Give the labels as Boolean", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().Classification.Evaluate(shared, Tasks(8, seed: 1), options));
        Assert.Contains("MapLabelToKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Auto_OfBooleanLabels_ComparesWithABinaryTrainer()
    {
        var result = _ml.MetaLearning().Classification.Auto(new AutoTrainer.Options
        {
            FirstSteps = 20,
            Tasks = TinyTraining.Tasks, Budget = TimeSpan.FromSeconds(4), MaximumCandidates = 2, Seed = 1,
        }).Search(Tasks(20, seed: 1));
        using var learner = result.Learner;
        Assert.Equal(LabelSemantics.Binary, learner.Labels);
        Assert.All(result.Comparisons, comparison => Assert.InRange(comparison.Metrics.Mean, 0, 1));
    }

    /// <summary>Whether a first feature is above a threshold of the task.</summary>
    private IDataView Tasks(int tasks, int seed)
    {
        var random = new Random(seed);
        return _ml.Data.LoadFromEnumerable(Enumerable.Range(0, tasks).SelectMany(task =>
        {
            var threshold = (2 * random.NextSingle()) - 1;
            return Enumerable.Range(0, 20).Select(_ =>
            {
                var x = (4 * random.NextSingle()) - 2;
                return new Row { Task = task, Features = [x, random.NextSingle()], Label = x > threshold };
            }).ToArray();
        }).ToArray());
    }

    private sealed class Row
    {
        public int Task { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }
}
