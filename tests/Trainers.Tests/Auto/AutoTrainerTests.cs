using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Trainers.Auto;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Auto;

public sealed class AutoTrainerTests
{
    // Over at once: the defaults of both learners are tried whatever the budget, and nothing else.
    private static readonly TimeSpan _none = TimeSpan.FromTicks(1);

    private readonly MLContext _ml = new(1);

    [Fact]
    public void Search_OfARegression_ReturnsTheBestWithAnEstimateOnTasksSetAside()
    {
        var reports = new List<AutoProgress>();
        var result = _ml.MetaLearning().Regression.Auto(Regression with { Progress = new Reports(reports), FirstSteps = 100 })
            .Search(Sinusoids());
        using var learner = result.Learner;

        var losses = result.Leaderboard["ValidationLoss"].Cast<double>().ToArray();
        Assert.Equal(2, losses.Length);
        Assert.Equal(losses.Order(), losses);
        Assert.Equal(result.Chosen, result.Leaderboard["Candidate"][0]);
        Assert.Equal(result.Chosen.StartsWith("complex", StringComparison.Ordinal) ? "ComplexSynapse" : "DualSystem", learner.Kind);
        Assert.Equal([100, 100], result.Leaderboard["Steps"].Cast<int>());
        // Both candidates, then the training on all tasks for the steps that did best.
        Assert.Equal(3, reports.Count);
        Assert.Equal([100, 100], reports.Take(2).Select(report => report.Steps));
        Assert.Equal(result.Chosen, reports[2].Candidate);
        Assert.InRange(reports[2].Steps, 1, 100);
        Assert.Equal(losses[0], reports[^1].BestValidationLoss);

        // A fifth of twenty tasks.
        Assert.Equal(4, result.Estimate.Episodes.Count);
        Assert.Equal(
            [result.Chosen, "the same learner, not meta-trained", "the baseline on each task alone", "the baseline on all tasks together"],
            result.Comparisons.Select(comparison => comparison.Name));
        Assert.All(result.Comparisons.Skip(1), other => Assert.Equal(
            other.Metrics.Episodes.Zip(result.Estimate.Episodes, (theirs, ours) => theirs - ours).Average(), other.Gain, 1e-9));
        Assert.True(result.Comparisons[1].Gain > 0, "Meta-training gains over none.");
        Assert.Contains("4 tasks that no choice was made on: mean squared error", result.Verdict, StringComparison.Ordinal);

        var task = ManyTasks.View(_ml, ManyTasks.Sinusoids(1, 10, seed: 9));
        var scored = _ml.MetaLearning().FewShot(learner).Fit(task).Transform(task);
        Assert.All(scored.GetColumn<float>("Score"), score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void Fit_OfTheSameSeed_GivesTheSameLearner()
    {
        using var first = _ml.MetaLearning().Regression.Auto(Regression).Fit(Sinusoids());
        using var again = _ml.MetaLearning().Regression.Auto(Regression).Fit(Sinusoids());
        Assert.True(first.Learner.File.Span.SequenceEqual(again.Learner.File.Span));
    }

    [Fact]
    public void Search_OfEpisodes_ComparesWithTheBaselineOnEachEpisode()
    {
        string[] classes = [.. Enumerable.Range(0, 12).Select(i => $"class {i}")];
        var options = new AutoTrainer.Options
        {
            Tasks = new Episodes { Ways = 3, Shots = (1, 3), QueryRows = 4 }, Budget = _none, FirstSteps = 20, Seed = 1,
        };
        var result = _ml.MetaLearning().Classification.Auto(options).Search(Blobs.KeyedView(_ml, Blobs.Classes(classes, 8)));
        using var learner = result.Learner;
        Assert.Equal(3, result.Comparisons.Count);
        Assert.Equal(("Accuracy", 200), (result.Estimate.Name, result.Estimate.Episodes.Count));
        Assert.All(result.Comparisons.Skip(1), other => Assert.Equal(result.Estimate.Mean - other.Metrics.Mean, other.Gain, 1e-9));
        Assert.Contains("3 classes that no choice was made on: accuracy", result.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_OfSharedClasses_TakesTheBaselineThatWasGiven()
    {
        var options = Regression with
        {
            FirstSteps = 20, LabelColumnName = "Key", Tasks = new TaskColumn("Task") { Shots = (1, 2), QueryRows = 4 },
            Baseline = _ml.MulticlassClassification.Trainers.NaiveBayes(),
        };
        var result = _ml.MetaLearning().Classification.Auto(options).Search(Sinusoids());
        using var learner = result.Learner;
        // Naive Bayes gives scores that are no probabilities; the standard baseline would.
        Assert.True(double.IsNaN(result.Comparisons[3].Metrics["LogLoss"].Mean));
        Assert.InRange(result.Estimate.ExpectedCalibrationError, 0, 1);
    }

    [Fact]
    public void Search_OfTooFewTasks_IsRefusedWithTheAlternative()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() =>
            _ml.MetaLearning().Regression.Auto(Regression).Search(ManyTasks.View(_ml, ManyTasks.Sinusoids(4, 12))));
        Assert.Contains("4 usable tasks in column 'Task'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("at least 5", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var options = Regression with { CancellationToken = source.Token, Progress = new Cancel(source), Budget = TimeSpan.FromHours(1) };
        Assert.ThrowsAny<OperationCanceledException>(() => _ml.MetaLearning().Regression.Auto(options).Search(Sinusoids()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Search_InterruptedAndResumed_EqualsTheWholeSearch(int reportsBefore)
    {
        var search = Regression with { FirstSteps = 60 };
        using var whole = _ml.MetaLearning().Regression.Auto(search).Search(Sinusoids()).Learner;
        using var folder = new TemporaryFolder();
        var kept = search with { CheckpointFolder = folder.Path };
        using var source = new CancellationTokenSource();
        // Of the log's messages, the second validation of a candidate: in the middle of its training.
        var log = new MLContext(1);
        var (reports, validations) = (0, 0);
        log.Log += (_, e) =>
        {
            if (e.Message.Contains("Meta-step 50: validation loss", StringComparison.Ordinal) && validations++ == reportsBefore)
            {
                source.Cancel();
            }
        };
        var options = kept with { CancellationToken = source.Token, Progress = new Count(() => reports++) };
        Assert.ThrowsAny<OperationCanceledException>(() => log.MetaLearning().Regression.Auto(options).Search(Sinusoids()));
        Assert.Equal(reportsBefore, reports);
        Assert.Equal(reportsBefore + 1, Directory.GetFiles(folder.Path).Length);

        // The seed is that of the search which is resumed.
        using var resumed = _ml.MetaLearning().Regression.Auto(kept with { Seed = null }).Search(Sinusoids()).Learner;
        Assert.True(whole.File.Span.SequenceEqual(resumed.File.Span));

        // A search that is done is done again without a step.
        using var again = _ml.MetaLearning().Regression.Auto(kept).Search(Sinusoids()).Learner;
        Assert.True(whole.File.Span.SequenceEqual(again.File.Span));
    }

    [Fact]
    public void Search_InAFolderOfAnotherSearch_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var options = Regression with { CheckpointFolder = folder.Path };
        _ml.MetaLearning().Regression.Auto(options).Search(Sinusoids()).Learner.Dispose();
        var error = Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().Regression.Auto(options)
            .Search(ManyTasks.View(_ml, ManyTasks.Sinusoids(20, 12, seed: 5))));
        Assert.Contains("feature checksum", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_OfWeightedRows_TrainsLearnerAndBaselineByThem(bool isClassification)
    {
        AutoResult Of(float weight)
        {
            var rows = Sinusoids();
            var weighted = _ml.Transforms.CustomMapping<ManyTasks.Row, Weighted>(
                (row, result) => result.Importance = row.Features[0] > 0 ? weight : 1, null).Fit(rows).Transform(rows);
            var options = Regression with { ExampleWeightColumnName = "Importance" };
            return isClassification
                ? _ml.MetaLearning().Classification.Auto(options with { LabelColumnName = "Key" }).Search(weighted)
                : _ml.MetaLearning().Regression.Auto(options).Search(weighted);
        }

        var (one, ten) = (Of(1), Of(10));
        using var even = one.Learner;
        using var learner = ten.Learner;
        Assert.True(learner.TakesExampleWeights);
        Assert.False(even.File.Span.SequenceEqual(learner.File.Span));
        // Each baseline learns something else from the same rows.
        Assert.All(one.Comparisons.Zip(ten.Comparisons), pair => Assert.NotEqual(
            pair.First.Metrics.Episodes.ToArray(), pair.Second.Metrics.Episodes.ToArray()));
    }

    [Fact]
    public void Search_InAFolderThatIsMissing_SaysSo()
    {
        var error = Assert.Throws<DirectoryNotFoundException>(() => _ml.MetaLearning().Regression.Auto(
            Regression with { CheckpointFolder = "/none/such" }).Search(Sinusoids()));
        Assert.Contains("'/none/such'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OptionOutOfRange_NamesItsValueAndWhatIsAllowed()
    {
        Refused(Regression with { Budget = TimeSpan.Zero }, "Budget must be longer than zero");
        Refused(Regression with { MaximumCandidates = 1 }, "MaximumCandidates must be at least 2");
        Refused(Regression with { Tasks = new Episodes() }, "Regression needs a task column");
        Refused(Regression with { LabelColumnName = "Task" }, "must be different columns");
        Refused(Regression with { ExampleWeightColumnName = "Label" }, "must be different columns");

        void Refused(AutoTrainer.Options options, string message) => Assert.Contains(
            message, Assert.ThrowsAny<ArgumentException>(() => _ml.MetaLearning().Regression.Auto(options)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void Candidates_AreAllDifferentAndBeginWithTheDefaults()
    {
        var all = AutoCandidate.All(Regression, new Random(1)).ToArray();
        Assert.Equal(144, all.Length);
        Assert.Distinct(all.Select(candidate => candidate.Name));
        var synapse = (ComplexSynapseTrainer.Options)all[0].Options;
        var defaults = new ComplexSynapseTrainer.Options();
        Assert.Equal((defaults.ConsolidationStrength, defaults.Network), (synapse.ConsolidationStrength, synapse.Network));
        Assert.Equal(new DualSystemTrainer.Options().ModulationPull, ((DualSystemTrainer.Options)all[1].Options).ModulationPull);
        Assert.All(all, candidate => candidate.Options.Validate(isClassification: false));
    }

    private static AutoTrainer.Options Regression => new()
    {
        Tasks = new TaskColumn("Task") { SupportRows = (3, 6), QueryRows = 6 }, Budget = _none, Seed = 1,
            FirstSteps = 20, Compute = Compute.OnnxRuntime(threads: 2),
    };

    private IDataView Sinusoids() => ManyTasks.View(_ml, ManyTasks.Sinusoids(20, 14));

    private sealed class Weighted
    {
        public float Importance { get; set; }
    }

    private sealed class Reports(List<AutoProgress> all) : IProgress<AutoProgress>
    {
        public void Report(AutoProgress value) => all.Add(value);
    }

    private sealed class Count(Action count) : IProgress<AutoProgress>
    {
        public void Report(AutoProgress value) => count();
    }

    private sealed class Cancel(CancellationTokenSource source) : IProgress<AutoProgress>
    {
        public void Report(AutoProgress value) => source.Cancel();
    }
}
