using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Estimators;

/// <summary>A row of weight 2 counts as two rows: in meta-training, in the learner file, in evaluation.</summary>
public sealed class ExampleWeightTests
{
    private const float Float32Tolerance = 1e-4f;

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Gather_OfWeightedRows_GivesSharesByWeight(bool isClassification, bool mayMiss)
    {
        var data = new TaskData
        {
            Features = [1, 2, 3], FeatureCount = 1, Targets = isClassification ? [] : [5, mayMiss ? float.NaN : 6, 7],
            Classes = isClassification ? [0, 1, 0] : [], ClassNames = isClassification ? ["a", "b"] : [], MayMissTargets = mayMiss,
            ExampleWeights = [1, 2, 5], Groups = [[0, 1, 2]], GroupNames = ["task"],
        };
        var rows = EpisodeRows.Of(data, [new Episode([0, 1, 2], [1, 2], [0, 1, 0], [1, 0], isClassification ? 2 : 0)]);
        Assert.Equal(mayMiss ? [1 / 6f, 0, 5 / 6f] : [1 / 8f, 2 / 8f, 5 / 8f], rows.Support.Weights.Values);
        Assert.Equal(mayMiss ? [0, 1f] : [2 / 7f, 5 / 7f], rows.Query.Weights.Values);
    }

    [Theory]
    [MemberData(nameof(TinyTraining.Learners), MemberType = typeof(TinyTraining))]
    public void Adapt_ToARowOfWeight3_IsAdaptingToThreeSuchRows(string learnerName)
    {
        // λ/n goes by the effective number of rows, which repeated rows have more of: without a pull by rows both are the same.
        using var learner = TinyTraining.Trainer(
            _ml, MetaTask.Regression, Options((ConsolidationOptions)TinyTraining.Descending(learnerName) with { PullPerRow = false }))
                .Fit(View(Rows(12))).Learner;
        Assert.True(learner.TakesExampleWeights);
        var rows = Rows(1)[..6];
        Array.ForEach(rows, row => row.Weight = row == rows[0] ? 3 : 1);
        Row[] repeated = [rows[0], rows[0], .. rows];
        var trainer = _ml.MetaLearning().FewShot(learner, new FewShotTrainer.Options { ExampleWeightColumnName = "Weight" });
        using var weighted = trainer.Fit(View(rows));
        using var plain = _ml.MetaLearning().FewShot(learner).Fit(View(repeated));
        using var unweighted = _ml.MetaLearning().FewShot(learner).Fit(View(rows));

        AssertSame(Scores(plain), Scores(weighted), isSame: true);
        AssertSame(Scores(unweighted), Scores(weighted), isSame: false);

        float[] Scores(FewShotPredictionTransformer model) => [.. model.Transform(View(Rows(2))).GetColumn<float>("Score")];
    }

    [Fact]
    public void Fit_OfWeights_ChangesWhatIsLearned()
    {
        var options = Options(TinyTraining.OfRegression());
        using var weighted = TinyTraining.Trainer(_ml, MetaTask.Regression, options).Fit(View(Rows(12))).Learner;
        var even = Rows(12);
        Array.ForEach(even, row => row.Weight = 2);
        using var same = TinyTraining.Trainer(_ml, MetaTask.Regression, options).Fit(View(even)).Learner;
        using var without = TinyTraining.Trainer(
            _ml, MetaTask.Regression, options with { ExampleWeightColumnName = null }).Fit(View(Rows(12))).Learner;
        Assert.False(without.TakesExampleWeights);

        var support = new SupportSet(3, [1, 0, -1, 0, 2, 0], null, [1, -1, 2]);
        Assert.Equal(Adapted(without), Adapted(same));
        Assert.NotEqual(Adapted(without), Adapted(weighted));

        float[] Adapted(Learner learner)
        {
            using var adapted = learner.Adapt(support);
            return [.. adapted.ToTensors().SelectMany(MLNetMeta.Transforms.Onnx.OnnxTensors.ToFloats)];
        }
    }

    [Fact]
    public void KeepSupport_OfWeightedRows_KeepsTheWeights()
    {
        using var learner = TinyTraining.Trainer(_ml, MetaTask.Regression, Options(TinyTraining.OfRegression()))
            .Fit(View(Rows(12))).Learner;
        var trainer = _ml.MetaLearning().FewShot(
            learner, new FewShotTrainer.Options { ExampleWeightColumnName = "Weight", KeepSupport = true });
        var rows = Rows(1);
        using var whole = trainer.Fit(View(rows));
        using var first = trainer.Fit(View(rows[..5]));
        using var stream = new MemoryStream();
        _ml.Model.Save(first, View(rows).Schema, stream);
        stream.Position = 0;
        using var loaded = (FewShotPredictionTransformer)_ml.MetaLearning().LoadModel(stream, out DataViewSchema _);
        using var second = trainer.Fit(View(rows[5..]), loaded);
        Assert.Equal(
            whole.Transform(View(rows)).GetColumn<float>("Score"), second.Transform(View(rows)).GetColumn<float>("Score"));
    }

    [Fact]
    public void Evaluate_OfALearnerWithWeights_AdaptsByThem()
    {
        using var learner = TinyTraining.Trainer(_ml, MetaTask.Regression, Options(TinyTraining.OfRegression()))
            .Fit(View(Rows(12))).Learner;
        var options = new FewShotEvaluationOptions { Tasks = TinyTraining.Tasks, NumberOfEpisodes = 20 };
        var without = _ml.MetaLearning().Regression.Evaluate(learner, View(Rows(12)), options);
        var with = _ml.MetaLearning().Regression.Evaluate(learner, View(Rows(12)), options with { ExampleWeightColumnName = "Weight" });
        Assert.NotEqual(without.Mean, with.Mean);

        using var plain = TinyTraining.Regression(TinyTraining.OfRegression());
        var error = Assert.Throws<ArgumentException>(
            () => _ml.MetaLearning().Regression.Evaluate(plain, View(Rows(12)), options with { ExampleWeightColumnName = "Weight" }));
        Assert.Contains("meta-trained with weights", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FewShot_OfWeightsForALearnerWithout_IsRefused()
    {
        using var learner = TinyTraining.Regression(TinyTraining.OfRegression());
        var error = Assert.Throws<ArgumentException>(
            () => _ml.MetaLearning().FewShot(learner, new FewShotTrainer.Options { ExampleWeightColumnName = "Weight" }));
        Assert.Contains("Meta-train it with ExampleWeightColumnName", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Fit_OfAWeightThatIsNone_SaysWhichRow(float weight)
    {
        var rows = Rows(12);
        rows[7].Weight = weight;
        var error = Assert.Throws<InvalidOperationException>(
            () => TinyTraining.Trainer(_ml, MetaTask.Regression, Options(TinyTraining.OfRegression())).Fit(View(rows)));
        Assert.Contains("a finite number above 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("Row 8", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Columns_OfWeights_AreCheckedAtBothDoors()
    {
        var view = View(Rows(4));
        foreach (var (column, message) in ((string, string)[])[
            ("None", "weight column 'None'"), ("Features", "ExampleWeightColumnName"), ("Text", "Schema mismatch for weight column 'Text'"),
            ("", "ExampleWeightColumnName")])
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => TinyTraining.Trainer(
                _ml, MetaTask.Regression, TinyTraining.OfRegression() with { ExampleWeightColumnName = column }).Fit(view));
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    private static T Options<T>(T options)
        where T : MetaTrainingOptions => options with { ExampleWeightColumnName = "Weight" };

    private static Row[] Rows(int tasks) =>
        [.. MLNetMeta.Testing.ManyTasks.Sinusoids(tasks, 12, seed: tasks).Select((row, i) => new Row
        {
            Task = row.Task, Features = row.Features, Label = row.Label, Weight = 1 + (i % 4), Text = "text",
        })];

    private IDataView View(Row[] rows) => _ml.Data.LoadFromEnumerable(rows);

    private static void AssertSame(float[] one, float[] other, bool isSame) =>
        Assert.Equal(isSame, one.Zip(other).All(pair => MathF.Abs(pair.First - pair.Second) < Float32Tolerance));

    private sealed class Row
    {
        public string Task { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }

        public float Weight { get; set; }

        public string Text { get; set; } = "";
    }
}
