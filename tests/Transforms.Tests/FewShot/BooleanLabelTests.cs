using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Labels that are true or false, and models that score as ML.NET's binary trainers do.</summary>
public sealed class BooleanLabelTests : IDisposable
{
    private const float Float32Tolerance = 1e-5f;

    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = new TinyLearner { Classes = ["False", "True"] }.Load();

    public void Dispose() => _learner.Dispose();

    [Fact]
    public void Fit_BooleanLabels_GivesTheColumnsOfABinaryTrainer()
    {
        Assert.Equal((LabelSemantics.Binary, 2), (_learner.Labels, _learner.OutputCount));
        var trainer = _ml.MetaLearning().FewShot(_learner);
        using var model = trainer.Fit(Data);
        var scored = model.Transform(Data);

        Assert.Equal(
            [("PredictedLabel", BooleanDataViewType.Instance), ("Score", NumberDataViewType.Single),
                ("Probability", NumberDataViewType.Single)],
            scored.Schema.Skip(2).Select(column => (column.Name, (PrimitiveDataViewType)column.Type)));
        Assert.Equal(
            ["PredictedLabel", "Score", "Probability"],
            trainer.GetOutputSchema(Shapes.Of(Data)).Select(column => column.Name).Except(["Features", "Label"]));
        var oracle = new TinyOracle(
            new TinyLearner { Classes = ["False", "True"] }, [.. _rows.Select(row => row.Features)],
            [.. _rows.Select(row => row.Label ? new float[] { 0, 1 } : [1, 0])], 50);
        foreach (var (row, (score, probability, label)) in _rows.Zip(Answers(scored)))
        {
            var expected = oracle.Score(row.Features)[1];
            Assert.Equal(expected, probability, 1e-4);
            Assert.Equal(Math.Log(expected / (1 - expected)), score, 1e-3);
            Assert.Equal(expected > 0.5, label);
        }

        var metrics = _ml.BinaryClassification.Evaluate(scored);
        Assert.Equal(1, metrics.Accuracy);
        Assert.Equal(1, metrics.AreaUnderRocCurve);
        Assert.InRange(metrics.LogLoss, 0, 1);
    }

    [Fact]
    public void Fit_OneAnswerOnly_IsLearned()
    {
        using var model = _ml.MetaLearning().FewShot(_learner).Fit(_ml.Data.LoadFromEnumerable(_rows.Where(row => row.Label)));
        Assert.All(Answers(model.Transform(Data)).Where((_, i) => _rows[i].Label), answer => Assert.True(answer.Label));
    }

    [Fact]
    public void Fit_OfKeys_SaysThatTheLearnerTakesBooleans()
    {
        var keys = Blobs.KeyedView(_ml, Blobs.Classes(["False", "True"], 3));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MetaLearning().FewShot(_learner).Fit(keys));
        Assert.Contains("expected Boolean, got Key<UInt32", error.Message, StringComparison.Ordinal);
        Assert.Contains("give the label as Boolean", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfBooleansForALearnerOfKeys_SaysWhatToDo()
    {
        using var shared = new TinyLearner { Classes = ["no", "yes"] }.Load();
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MetaLearning().FewShot(shared).Fit(Data));
        Assert.Contains("expected Key<UInt32>, got Boolean", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveAndLoad_ByMLNetAndByThisLibrary_GivesTheSame()
    {
        using var model = _ml.MetaLearning().FewShot(_learner).Fit(Data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, Data.Schema, stream);
        var fresh = new MLContext();
        stream.Position = 0;
        var stock = fresh.Model.Load(stream, out _);
        stream.Position = 0;
        var restored = fresh.MetaLearning().LoadModel(stream, out _);
        foreach (var loaded in (ITransformer[])[stock, restored])
        {
            var (before, after) = (model.Transform(Data), loaded.Transform(Data));
            Assert.Equal(before.Schema.Select(c => (c.Name, c.Type)), after.Schema.Select(c => (c.Name, c.Type)));
            AssertSame(Answers(before), Answers(after));
            Assert.Equal(1, fresh.BinaryClassification.Evaluate(after).Accuracy);
            (loaded as IDisposable)?.Dispose();
        }
    }

    [Fact]
    public void SaveAsOnnx_GivesLogOddsProbabilityAndAnswer()
    {
        using var model = _ml.MetaLearning().FewShot(_learner).Fit(Data);
        using var stream = new MemoryStream();
        model.SaveAsOnnx(stream);
        using var session = new InferenceSession(stream.ToArray());
        Assert.Equal(["Score", "Probability", "PredictedLabel"], session.OutputNames);
        using var input = OrtValue.CreateTensorValueFromMemory(_rows.SelectMany(row => row.Features).ToArray(), [_rows.Length, 2]);
        using var run = new RunOptions();
        using var results = session.Run(run, new Dictionary<string, OrtValue> { ["Features"] = input }, session.OutputNames);
        AssertSame(Answers(model.Transform(Data)), [.. Enumerable.Range(0, _rows.Length).Select(i => (
            results[0].GetTensorDataAsSpan<float>()[i], results[1].GetTensorDataAsSpan<float>()[i],
                results[2].GetTensorDataAsSpan<bool>()[i]))]);
    }

    [Fact]
    public void PredictionEngine_OfFeaturesFarAway_HasFiniteLogOdds()
    {
        using var model = _ml.MetaLearning().FewShot(_learner, new FewShotTrainer.Options { Steps = 2000 }).Fit(Data);
        using var engine = _ml.Model.CreatePredictionEngine<Row, Answer>(model, new PredictionEngineOptions { OwnsTransformer = false });
        var answer = engine.Predict(new Row { Features = [1e4f, 1e4f] });
        Assert.True(float.IsFinite(answer.Score));
        Assert.Equal(answer.Score > 0, answer.PredictedLabel);
        var missing = engine.Predict(new Row { Features = [float.NaN, 0] });
        Assert.Equal((float.NaN, float.NaN, false), (missing.Score, missing.Probability, missing.PredictedLabel));
    }

    [Fact]
    public void Load_OfOtherClasses_IsRefused()
    {
        var model = new TinyLearner { Classes = ["False", "True"] }.Model();
        model.MetadataProps.Single(property => property.Key == "mlnetmeta.classes").Value = "[\"no\",\"yes\"]";
        var error = Assert.Throws<FormatException>(() => Learner.Load(LearnerFile.Write(model)));
        Assert.Contains("are not False and True", error.Message, StringComparison.Ordinal);
    }

    private readonly Row[] _rows =
        [.. Blobs.Classes(["no", "yes"], 6).Select(row => new Row { Features = row.Features, Label = row.Label == "yes" })];

    private IDataView Data => _ml.Data.LoadFromEnumerable(_rows);

    private static (float Score, float Probability, bool Label)[] Answers(IDataView scored) =>
    [
        .. scored.GetColumn<float>("Score").Zip(scored.GetColumn<float>("Probability"), scored.GetColumn<bool>("PredictedLabel")),
    ];

    private static void AssertSame((float Score, float Probability, bool Label)[] one, (float Score, float Probability, bool Label)[] other)
    {
        Assert.Equal(one.Length, other.Length);
        foreach (var (a, b) in one.Zip(other))
        {
            Assert.Equal(a.Score, b.Score, Float32Tolerance * (1 + MathF.Abs(a.Score)));
            Assert.Equal(a.Probability, b.Probability, Float32Tolerance);
            Assert.Equal(a.Label, b.Label);
        }
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    private sealed class Answer
    {
        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }
}
