using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>An adapted model is an ML.NET model: everything that takes one works.</summary>
public sealed class MLNetContractTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly Learner _episodes = new TinyLearner { Steps = 500 }.Load();
    private readonly Learner _regression = new TinyLearner { Task = MetaTask.Regression, Steps = 500 }.Load();

    public void Dispose()
    {
        _episodes.Dispose();
        _regression.Dispose();
    }

    [Fact]
    public void GetOutputSchema_Classification_IsWhatTransformGives()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        var trainer = _ml.MetaLearning().FewShot(_episodes);
        using var model = trainer.Fit(data);

        AssertPromiseKept(trainer.GetOutputSchema(Shapes.Of(data)), model.Transform(data));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void GetOutputSchema_Regression_IsWhatTransformGives(int outputs)
    {
        using var learner = new TinyLearner { Task = MetaTask.Regression, Outputs = outputs }.Load();
        var data = Blobs.View(_ml, Blobs.Targets(4, outputs: outputs), outputs: outputs);
        var trainer = _ml.MetaLearning().FewShot(learner);
        using var model = trainer.Fit(data);

        AssertPromiseKept(trainer.GetOutputSchema(Shapes.Of(data)), model.Transform(data));
    }

    [Fact]
    public void GetOutputSchema_Transformer_EqualsTransform()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);

        static IEnumerable<string> Lines(DataViewSchema schema) => schema.Select(column => $"{column} {column.Annotations.Schema.Count}");
        Assert.Equal(Lines(model.Transform(data).Schema), Lines(model.GetOutputSchema(data.Schema)));
        Assert.Equal("Features", model.FeatureColumnName);
        Assert.Equal(data.Schema["Features"].Type, model.FeatureColumnType);
        Assert.Same(_episodes, ((IPredictionTransformer<Learner>)model).Model);
    }

    [Fact]
    public void Evaluate_Multiclass_KnowsEveryClass()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b", "c"], 10));
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(_ml.Data.TakeRows(data, 9));

        var metrics = _ml.MulticlassClassification.Evaluate(model.Transform(data));

        Assert.Equal(1, metrics.MicroAccuracy);
        Assert.Equal(3, metrics.ConfusionMatrix.NumberOfClasses);
        Assert.InRange(metrics.LogLoss, 0, 0.5);
        Assert.Equal(1, _ml.MulticlassClassification.Evaluate(model.Transform(data), topKPredictionCount: 2).TopKAccuracy);
    }

    [Fact]
    public void Evaluate_Regression_FindsTheLine()
    {
        var data = Scalars(Blobs.Targets(30));
        using var model = _ml.MetaLearning().FewShot(_regression).Fit(_ml.Data.TakeRows(data, 10));

        Assert.InRange(_ml.Regression.Evaluate(model.Transform(data)).RSquared, 0.99, 1);
    }

    [Fact]
    public void CrossValidate_Classification_Learns()
    {
        var data = Blobs.View(_ml, Blobs.Classes(["a", "b"], 20));
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MetaLearning().FewShot(_episodes));

        var results = _ml.MulticlassClassification.CrossValidate(data, pipeline, numberOfFolds: 3);

        Assert.All(results, result => Assert.Equal(1, result.Metrics.MicroAccuracy));
    }

    [Fact]
    public void CrossValidate_Regression_Learns()
    {
        var results = _ml.Regression.CrossValidate(Scalars(Blobs.Targets(30)), _ml.MetaLearning().FewShot(_regression), numberOfFolds: 3);

        Assert.All(results, result => Assert.InRange(result.Metrics.RSquared, 0.9, 1));
    }

    [Fact]
    public void PredictionEngine_Row_EqualsBatch()
    {
        var rows = Blobs.Classes(["a", "b", "c"], 10);
        var data = Blobs.KeyedView(_ml, rows);
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);
        using var engine = _ml.Model.CreatePredictionEngine<Query, Prediction>(model, Schema());

        var batch = _ml.Data.CreateEnumerable<Prediction>(model.Transform(data), reuseRowObject: false).ToArray();

        for (var index = 0; index < rows.Length; index++)
        {
            var prediction = engine.Predict(new Query { Features = rows[index].Features });
            Assert.Equal(batch[index].Score, prediction.Score);
            Assert.Equal(batch[index].PredictedLabel, prediction.PredictedLabel);
        }
    }

    [Fact]
    public void PredictionEngine_Queries_NeedNoLabel()
    {
        using var model = _ml.MetaLearning().FewShot(_regression).Fit(Scalars(Blobs.Targets(10)));
        using var engine = _ml.Model.CreatePredictionEngine<Query, ScalarPrediction>(model, Schema());

        Assert.Equal(0.5f + 2 * 0.25f, engine.Predict(new Query { Features = [0.5f, 0.25f] }).Score, 1e-2f);
    }

    [Fact]
    public async Task PredictionEngine_OnePerThread_SharesTheSessions()
    {
        var rows = Blobs.Classes(["a", "b", "c"], 10);
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(Blobs.KeyedView(_ml, rows));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            var options = new PredictionEngineOptions { OwnsTransformer = false };
            using var engine = _ml.Model.CreatePredictionEngine<Query, Prediction>(model, options);
            foreach (var row in rows)
            {
                Assert.Equal(row.Label[0] - 'a' + 1u, engine.Predict(new Query { Features = row.Features }).PredictedLabel);
            }
        })));

        Assert.Equal(2, _episodes.SessionCount);
    }

    [Fact]
    public async Task Fit_ManyTasksAtOnce_StayApart()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(task => Task.Run(() =>
        {
            string[] labels = [.. Enumerable.Range(0, 2 + task % 3).Select(i => $"{task}.{i}")];
            var rows = Blobs.Classes(labels, 5, seed: task);
            var data = Blobs.KeyedView(_ml, rows);
            using var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);
            using var alone = _ml.MetaLearning().FewShot(_episodes).Fit(data);
            Assert.Equal(labels, model.Classes);
            Assert.Equal(alone.Transform(data).GetColumn<float[]>("Score"), model.Transform(data).GetColumn<float[]>("Score"));
        })));

        Assert.Equal(2, _episodes.SessionCount);
    }

    [Fact]
    public void PermutationFeatureImportance_Model_IsTaken()
    {
        var data = Scalars(Blobs.Targets(30));
        using var model = _ml.MetaLearning().FewShot(_regression).Fit(data);

        var importance = _ml.Regression.PermutationFeatureImportance<Learner>(model, data);

        // The second feature weighs twice as much.
        Assert.True(importance[1].RSquared.Mean < importance[0].RSquared.Mean);
    }

    [Fact]
    public void Append_BeforeAndAfter_Work()
    {
        var data = _ml.Data.LoadFromEnumerable(Blobs.Classes(["a", "b"], 5).Select(row =>
            new Raw { X = row.Features[0], Y = row.Features[1], Name = row.Label }));
        var pipeline = _ml.Transforms.Concatenate("Features", "X", "Y")
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Name"))
            .Append(_ml.MetaLearning().FewShot(_episodes))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Answer", "PredictedLabel"))
            .Append(_ml.Transforms.Concatenate("Both", "Score", "Features"));

        using var model = pipeline.Fit(data);

        var scored = model.Transform(data);
        Assert.Equal(data.GetColumn<string>("Name"), scored.GetColumn<string>("Answer"));
        Assert.Equal(4, ((VectorDataViewType)scored.Schema["Both"].Type).Size);
        AssertPromiseKept(pipeline.GetOutputSchema(Shapes.Of(data)), scored);
    }

    [Fact]
    public void Fit_Log_TellsRowsAndTime()
    {
        var lines = new List<string>();
        _ml.Log += (_, message) => lines.Add(message.Message);

        using var model = _ml.MetaLearning().FewShot(_regression).Fit(Scalars(Blobs.Targets(10)));

        Assert.Contains(lines, line => line.Contains("Tiny adapted to 10 rows in", StringComparison.Ordinal));
    }

    [Fact]
    public void LoadLearner_PathAndStream_Load()
    {
        using var folder = new TemporaryFolder();
        _episodes.Save(folder.File("learner.onnx"));

        using var fromPath = _ml.MetaLearning().LoadLearner(folder.File("learner.onnx"));
        using var file = File.OpenRead(folder.File("learner.onnx"));
        using var fromStream = _ml.MetaLearning().LoadLearner(file);

        Assert.Equal(fromPath.Kind, fromStream.Kind);
    }

    [Fact]
    public void PredictionEngine_AfterItDisposedTheModel_SaysWhy()
    {
        using var model = _ml.MetaLearning().FewShot(_regression).Fit(Scalars(Blobs.Targets(10)));
        _ml.Model.CreatePredictionEngine<Query, ScalarPrediction>(model, Schema()).Dispose();
        using var engine = _ml.Model.CreatePredictionEngine<Query, ScalarPrediction>(model, Schema());

        var error = Assert.Throws<ObjectDisposedException>(() => engine.Predict(new Query { Features = [0, 0] }));

        Assert.Contains("OwnsTransformer = false", error.Message, StringComparison.Ordinal);
    }

    private IDataView Scalars(Blobs.TargetRow[] rows)
    {
        var data = _ml.Data.LoadFromEnumerable(rows.Select(row => new ScalarRow { Features = row.Features, Label = row.Label[0] }));
        return data;
    }

    private static DataViewSchema Schema() => new MLContext().Data.LoadFromEnumerable(Array.Empty<Query>()).Schema;

    /// <summary>Every promised column is there with its kind, type and promised annotations, and nothing else is visible.</summary>
    private static void AssertPromiseKept(SchemaShape promise, IDataView actual)
    {
        var kept = Shapes.Of(actual);
        Assert.Equal(promise.Select(column => column.Name).Order(), kept.Select(column => column.Name).Order());
        foreach (var column in promise)
        {
            var real = kept.Find(column.Name)!.Value;
            Assert.Equal((column.Kind, column.ItemType, column.IsKey), (real.Kind, real.ItemType, real.IsKey));
            Assert.Equal(column.Annotations.Select(item => $"{item.Name} {item.Kind} {item.ItemType} {item.IsKey}").Order(),
                real.Annotations.Select(item => $"{item.Name} {item.Kind} {item.ItemType} {item.IsKey}").Order());
        }
    }

    private sealed class Query
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Prediction
    {
        public uint PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    private sealed class ScalarPrediction
    {
        public float Score { get; set; }
    }

    private sealed class ScalarRow
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Raw
    {
        public float X { get; set; }

        public float Y { get; set; }

        public string Name { get; set; } = "";
    }
}
