using Microsoft.ML;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Evaluation;

public sealed class FewShotEvaluatorTests
{
    private readonly MLContext _ml = new(1);

    private static readonly FewShotEvaluationOptions _tasks = new()
    {
        Tasks = new TaskColumn("Task") { SupportRows = 5, QueryRows = 6 }, NumberOfEpisodes = 12,
    };

    private static readonly FewShotEvaluationOptions _episodes = new()
    {
        Tasks = new Episodes { Ways = 3, Shots = 2, QueryRows = 4 }, NumberOfEpisodes = 12,
    };

    public static TheoryData<string> Learners => TinyTraining.Learners;

    public static TheoryData<string> RegressionLearners => TinyTraining.RegressionLearners;

    [Theory]
    [MemberData(nameof(RegressionLearners))]
    public void Evaluate_RegressionLearner_EqualsItsFewShotTrainer(string name)
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression(name));
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12, seed: 3));
        var catalog = _ml.MetaLearning();
        var direct = catalog.Regression.Evaluate(learner, rows, _tasks);
        Assert.Equal(direct.Episodes, catalog.Regression.Evaluate(catalog.FewShot(learner), rows, _tasks).Episodes);
        Assert.Equal(("MeanSquaredError", 12), (direct.Name, direct.Episodes.Count));
        Assert.True(direct.Mean > 0);
    }

    [Fact]
    public void Metrics_OfClasses_AreAsReckonedByHand()
    {
        // Two episodes: probabilities (0.8, 0.2), (0.4, 0.6) of classes 0, 0; and (0.6, 0.4), (0.3, 0.7), (0.6, 0.4) of 0, 1, 1.
        var meter = new ClassificationMeter();
        meter.Add(new Episode([], [0, 1], [], [0, 0], 2), new([0.8f, 0.2f, 0.4f, 0.6f]));
        meter.Add(new Episode([], [0, 1, 2], [], [0, 1, 1], 2), new([0.6f, 0.4f, 0.3f, 0.7f, 0.6f, 0.4f]));
        var metrics = meter.Metrics();

        Assert.Equal([0.5, 2.0 / 3], metrics.Episodes);
        Assert.Equal(
            [-(Math.Log(0.8) + Math.Log(0.4)) / 2, -(Math.Log(0.6) + Math.Log(0.7) + Math.Log(0.4)) / 3], metrics["LogLoss"].Episodes,
            (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([(0.08 + 0.72) / 2, (0.32 + 0.18 + 0.72) / 3], metrics["BrierScore"].Episodes, (a, b) => Math.Abs(a - b) < 1e-6);
        // Class 0 of the second episode shares its score with a row of class 1: one of two; class 1: the first, then two of three.
        Assert.Equal([1, ((1.0 / 2) + ((1 + (2.0 / 3)) / 2)) / 2], metrics["AveragePrecision"].Episodes, (a, b) => Math.Abs(a - b) < 1e-12);
        // Bins: 0.8 (one, right); 0.6 (three, one right) and 0.7 (one, right); 0.6 is in the tenth bin, 0.7 in the eleventh, 0.8 in the
        // 13th.
        Assert.Equal((0.2 + Math.Abs(1.8 - 1) + 0.3) / 5, metrics.ExpectedCalibrationError, 1e-6);
        Assert.True(double.IsNaN(metrics.RSquared));
        Assert.Equal(["Episode", "Accuracy", "LogLoss", "BrierScore", "AveragePrecision"], metrics.ToDataFrame().Columns
            .Select(c => c.Name));
        Assert.Contains("The metrics are Accuracy, LogLoss", Assert.Throws<ArgumentOutOfRangeException>(() => metrics["F1"]).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Metrics_OfScoresThatAreNoProbabilities_AreNaNWhereProbabilitiesAreNeeded()
    {
        var meter = new ClassificationMeter();
        meter.Add(new Episode([], [0, 1], [], [0, 1], 2), new([3, -1, 0, 2]));
        var metrics = meter.Metrics();
        Assert.Equal((1, 1), (metrics.Mean, metrics["AveragePrecision"].Mean));
        Assert.True(double.IsNaN(metrics["LogLoss"].Mean) && double.IsNaN(metrics["BrierScore"].Mean));
        Assert.True(double.IsNaN(metrics.ExpectedCalibrationError));
    }

    [Fact]
    public void Metrics_OfTargets_AreAsReckonedByHand()
    {
        var data = new TaskData
        {
            Features = new float[8], FeatureCount = 2, Targets = [1, 10, 3, float.NaN, 5, 30, 7, 40], OutputCount = 2,
                MayMissTargets = true,
            Groups = [[0, 1, 2, 3]], GroupNames = ["task"],
        };
        var meter = new RegressionMeter(data);
        meter.Add(new Episode([], [0, 1], [], [], 0), new([2, 12, 3, 99], [2, 1, 0, 99]));
        meter.Add(new Episode([], [2, 3], [], [], 0), new([5, 30, 9, 37], [1, 2, 1, 4]));
        var metrics = meter.Metrics();

        Assert.Equal([5.0 / 3, 13.0 / 4], metrics.Episodes);
        Assert.Equal([1, 5.0 / 4], metrics["MeanAbsoluteError"].Episodes);
        // Within the half-width: 1 of 2 and 0 of 0, not 2 of 1; 0 of 1, 0 of 2 and 3 of 4, not 2 of 1.
        Assert.Equal([2.0 / 3, 3.0 / 4], metrics["Coverage"].Episodes);
        Assert.Equal([2, 4], metrics["IntervalWidth"].Episodes);
        // Deviations: 2 of targets 1 and 3 and none of a single 10; 2 of 5 and 7 and 50 of 30 and 40.
        Assert.Equal(1 - (18.0 / 54), metrics.RSquared, 1e-12);
    }

    [Fact]
    public void Evaluate_LearnerOfSeveralOutputs_EqualsItsFewShotTrainer()
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression() with { LabelColumnName = "Labels" });
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12, seed: 3));
        var options = _tasks with { LabelColumnName = "Labels" };
        Assert.Equal(
            _ml.MetaLearning().Regression.Evaluate(learner, rows, options).Episodes,
            _ml.MetaLearning().Regression.Evaluate(_ml.MetaLearning().FewShot(learner), rows, options).Episodes);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Evaluate_EpisodicLearner_EqualsItsFewShotTrainer(string name)
    {
        using var learner = TinyTraining.Episodes(TinyTraining.Options(name));
        var rows = Blobs.KeyedView(_ml, Blobs.Classes(TinyTraining.Letters, 9, seed: 3));
        var direct = _ml.MetaLearning().Classification.Evaluate(learner, rows, _episodes);
        Assert.Equal(
            direct.Episodes, _ml.MetaLearning().Classification.Evaluate(_ml.MetaLearning().FewShot(learner), rows, _episodes).Episodes);
        Assert.Equal("Accuracy", direct.Name);
        Assert.All(direct.Episodes, accuracy => Assert.InRange(accuracy * 12, 0, 12));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Evaluate_LearnerOfSharedLabels_EqualsItsFewShotTrainer(string name)
    {
        using var learner = TinyTraining.SharedLabels(TinyTraining.OfSharedLabels(name));
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12, seed: 3));
        var options = _tasks with { LabelColumnName = "Key" };
        Assert.Equal(
            _ml.MetaLearning().Classification.Evaluate(learner, rows, options).Episodes,
            _ml.MetaLearning().Classification.Evaluate(_ml.MetaLearning().FewShot(learner), rows, options).Episodes);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Evaluate_LearnerOfSharedLabels_MatchesClassesByNameInAnyOrderOfKeys(string name)
    {
        using var learner = TinyTraining.SharedLabels(TinyTraining.OfSharedLabels(name));
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12, seed: 3));
        var options = _tasks with { LabelColumnName = "Key" };
        var expected = _ml.MetaLearning().Classification.Evaluate(learner, rows, options).Episodes;
        foreach (var classes in (string[][])[["rising", "falling", "below"], ["falling", "unused", "below", "rising"]])
        {
            var keys = _ml.Data.LoadFromEnumerable(classes.Select(c => new Named { Class = c }));
            var reordered = _ml.Transforms.Conversion.MapValueToKey("Key", "Class", keyData: keys).Fit(rows).Transform(rows);
            Assert.Equal(expected, _ml.MetaLearning().Classification.Evaluate(learner, reordered, options).Episodes);
        }
    }

    private sealed class Named
    {
        public string Class { get; set; } = "";
    }

    [Fact]
    public void Evaluate_TasksOfOneClassEach_WarnsThatThereIsNothingToTellApart()
    {
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);
        using var learner = TinyTraining.SharedLabels(TinyTraining.OfSharedLabels());
        var rows = ManyTasks.Sinusoids(6, 12, seed: 3);
        Array.ForEach(rows, r => r.Class = r.Task[^1] % 2 == 0 ? "rising" : "below");
        _ml.MetaLearning().Classification.Evaluate(learner, ManyTasks.View(_ml, rows), _tasks with { LabelColumnName = "Key" });
        Assert.Contains(warnings, w => w.Contains("Every task of column 'Task' has rows of one class only", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Label", "Label", "Task", "LabelColumnName and FeatureColumnName are both 'Label'")]
    [InlineData("Label", "Features", "Label", "LabelColumnName and TaskColumn are both 'Label'")]
    [InlineData("Label", "Task", "Task", "FeatureColumnName and TaskColumn are both 'Task'")]
    public void Evaluate_OneColumnInTwoRoles_IsRefused(string label, string features, string task, string message)
    {
        var options = _tasks with { LabelColumnName = label, FeatureColumnName = features, Tasks = new TaskColumn(task) };
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(3, 5));
        var refusal = Assert.Throws<ArgumentException>(
            () => _ml.MetaLearning().Regression.Evaluate(_ml.Regression.Trainers.Sdca(), rows, options));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_StockTrainers_AreMeasuredOnTheSameEpisodes()
    {
        var rows = Blobs.KeyedView(_ml, Blobs.Classes(TinyTraining.Letters, 9, seed: 3));
        var entropy = _ml.MetaLearning().Classification.Evaluate(
            _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(), rows, _episodes with { NumberOfEpisodes = 4 });
        // Clouds of radius ½ at random places of a square of side 8: a linear classifier gets nearly all right, chance would be 1/3.
        Assert.InRange(entropy.Mean, 0.8, 1);
        var regression = _ml.MetaLearning().Regression.Evaluate(
            _ml.Regression.Trainers.OnlineGradientDescent(), ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12, seed: 3)),
            _tasks with { NumberOfEpisodes = 4 });
        Assert.True(double.IsFinite(regression.Mean));
    }

    [Fact]
    public void Evaluate_UnderASeed_DrawsTheSameEpisodes()
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression());
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12, seed: 3));
        var evaluate = (FewShotEvaluationOptions options) => _ml.MetaLearning().Regression.Evaluate(learner, rows, options).Episodes;
        Assert.Equal(evaluate(_tasks), evaluate(_tasks));
        Assert.NotEqual(evaluate(_tasks), evaluate(_tasks with { Seed = 1 }));
        Assert.NotEqual(evaluate(_tasks), evaluate(_tasks with { AdaptationSteps = 0 }));
        Assert.Equal(evaluate(_tasks), evaluate(_tasks with { AdaptationSteps = 4 }));
    }

    [Fact]
    public void Metrics_OfKnownValues_HaveTheFieldsInterval()
    {
        var metrics = new FewShotMetrics("Accuracy", [0.5, 0.7, 0.9, 0.7]);
        Assert.Equal(0.7, metrics.Mean, 1e-15);
        Assert.Equal(Math.Sqrt(0.08 / 3), metrics.StandardDeviation, 1e-15);
        Assert.Equal(1.96 * Math.Sqrt(0.08 / 3) / 2, metrics.ConfidenceInterval95, 1e-15);
        Assert.Equal("Accuracy 0.7 ± 0.16 (4 episodes)", metrics.ToString());
        var frame = metrics.ToDataFrame();
        Assert.Equal(["Episode", "Accuracy"], frame.Columns.Select(c => c.Name));
        Assert.Equal(0.9, frame["Accuracy"][2]);
        Assert.True(double.IsNaN(new FewShotMetrics("Accuracy", [1]).ConfidenceInterval95));
    }

    [Fact]
    public void Evaluate_Cancelled_Throws()
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => _ml.MetaLearning().Regression.Evaluate(
            learner, ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12)), _tasks with { CancellationToken = cancelled.Token }));
    }

    public static TheoryData<Func<FewShotEvaluationOptions, FewShotEvaluationOptions>, string, string> OutOfRange => new()
    {
        { o => o with { Tasks = new Episodes { Ways = 1 } }, "Tasks.Ways must be at least 2", "1" },
        { o => o with { Tasks = new Episodes { Shots = 0 } }, "Tasks.Shots must be at least 1", "0" },
        { o => o with { Tasks = new TaskColumn("Task") { SupportRows = -1 } }, "Tasks.SupportRows must be at least 1", "-1" },
        { o => o with { Tasks = new TaskColumn("Task") { QueryRows = 0 } }, "Tasks.QueryRows must be at least 1", "0" },
        { o => o with { NumberOfEpisodes = 0 }, "NumberOfEpisodes must be at least 1", "0" },
        { o => o with { AdaptationSteps = -3 }, "AdaptationSteps must be at least 0", "-3" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Evaluate_OptionOutOfRange_NamesItsValueAndWhatIsAllowed(
        Func<FewShotEvaluationOptions, FewShotEvaluationOptions> change, string message, string value)
    {
        var rows = ManyTasks.View(_ml, ManyTasks.Sinusoids(3, 5));
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(
            () => _ml.MetaLearning().Regression.Evaluate(_ml.Regression.Trainers.Sdca(), rows, change(_tasks)));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"Actual value was {value}.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_LearnerThatDoesNotFit_SaysHow()
    {
        using var regression = TinyTraining.Regression(TinyTraining.OfRegression());
        using var shared = TinyTraining.SharedLabels(TinyTraining.OfSharedLabels());
        using var episodic = TinyTraining.Episodes(TinyTraining.Options("ComplexSynapse"));
        var tasks = ManyTasks.View(_ml, ManyTasks.Sinusoids(5, 12));
        var keyed = _tasks with { LabelColumnName = "Key" };

        Refused(
            "was meta-trained for Regression, but the tasks are Classification",
            () => _ml.MetaLearning().Classification.Evaluate(regression, tasks, keyed));
        Refused(
            "predicts 1 numbers, but column 'Labels' has 2",
            () => _ml.MetaLearning().Regression.Evaluate(regression, tasks, _tasks with { LabelColumnName = "Labels" }));
        Refused("takes 2 features, but column 'Labels' has", () => _ml.MetaLearning().Regression.Evaluate(
            regression, _ml.Transforms.Concatenate("Labels", "Labels", "Labels").Fit(tasks).Transform(tasks),
            _tasks with { FeatureColumnName = "Labels" }));
        var unknown = ManyTasks.Sinusoids(5, 12, seed: 5);
        unknown[7].Class = "level";
        var named = ManyTasks.View(_ml, unknown);
        Refused(
            "has rows of class 'level', which the learner does not know: its classes are below, falling, rising",
            () => _ml.MetaLearning().Classification.Evaluate(
            shared, _ml.Transforms.Conversion.MapValueToKey("Key", "Class").Fit(named).Transform(named), keyed));
        Refused(
            "set Tasks to new TaskColumn",
            () => _ml.MetaLearning().Classification.Evaluate(shared, tasks, keyed with { Tasks = new Episodes() }));
        Refused("set Tasks to new Episodes", () => _ml.MetaLearning().Classification.Evaluate(episodic, tasks, keyed));

        static void Refused(string message, Func<object> evaluate) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(evaluate).Message, StringComparison.Ordinal);
    }
}
