using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary><c>ml.Model.Save</c>, then <c>ml.Model.Load</c> in a fresh context: the same columns, types, key values and scores.</summary>
public sealed class ModelSaveTests
{
    // A saved model scores single rows with constant weights, which ONNX Runtime multiplies in another order than batches.
    private const float Float32Tolerance = 1e-5f;

    private readonly MLContext _ml = new(1);

    public static TheoryData<string> Problems =>
        ["episodes", "some classes", "shared", "numeric labels", "nameless keys", "one output", "two outputs"];

    [Theory]
    [MemberData(nameof(Problems))]
    public void SaveAndLoad_FreshContext_GivesTheSame(string problem)
    {
        var (learner, data) = Problem(problem);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        var loaded = SaveAndLoad(model, data.Schema, out var inputSchema);

        AssertSameColumns(model.GetOutputSchema(data.Schema), loaded.GetOutputSchema(inputSchema));
        var (before, after) = (model.Transform(data), loaded.Transform(data));
        AssertSameColumns(before.Schema, after.Schema);
        AssertSameScores(Scores(before), Scores(after));
        if (learner.Task == MetaTask.Classification)
        {
            Assert.Equal(before.GetColumn<uint>("PredictedLabel"), after.GetColumn<uint>("PredictedLabel"));
            Assert.Equal(
                _ml.MulticlassClassification.Evaluate(before).ConfusionMatrix.Counts,
                _ml.MulticlassClassification.Evaluate(after).ConfusionMatrix.Counts);
        }

        learner.Dispose();
    }

    [Fact]
    public void SaveAndLoad_ScalarFeature_GivesTheSame()
    {
        using var learner = new TinyLearner { Task = MetaTask.Regression, Features = 1 }.Load();
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 5).Select(i => new Point { X = i, Y = 2 * i }));
        using var model = _ml.MetaLearning().FewShot(learner, "Y", "X").Fit(data);

        var loaded = SaveAndLoad(model, data.Schema, out _);

        AssertSameScores(Scores(model.Transform(data)), Scores(loaded.Transform(data)));
    }

    [Fact]
    public void SaveAndLoad_Chain_PredictsSingleRows()
    {
        using var learner = new TinyLearner().Load();
        var rows = Blobs.Classes(["a", "b"], 4);
        var data = Blobs.View(_ml, rows);
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.MetaLearning().FewShot(learner))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel"))
            .Fit(data);

        var loaded = SaveAndLoad(model, data.Schema, out var schema);

        var fresh = new MLContext();
        using var before = _ml.Model.CreatePredictionEngine<Blobs.Row, Prediction>(model, data.Schema);
        using var after = fresh.Model.CreatePredictionEngine<Blobs.Row, Prediction>(loaded, schema);
        Assert.All(rows, row =>
        {
            var (expected, actual) = (before.Predict(row), after.Predict(row));
            Assert.Equal(row.Label, actual.Name);
            AssertSameScores([expected.Score], [actual.Score]);
        });
    }

    [Fact]
    public void SaveAndLoad_NaNFeature_PredictsMissing()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        var loaded = SaveAndLoad(model, data.Schema, out _);

        var query = Blobs.KeyedView(_ml, [new Blobs.Row { Features = [float.NaN, 0], Label = "a" }]);
        Assert.Equal([0u], loaded.Transform(query).GetColumn<uint>("PredictedLabel"));
    }

    private (Learner, IDataView) Problem(string name) => name switch
    {
        "episodes" => (new TinyLearner().Load(), Keyed(["a", "b", "c"])),
        "some classes" => (new TinyLearner().Load(), _ml.Transforms.Conversion.MapValueToKey("Label")
            .Fit(Blobs.View(_ml, Blobs.Classes(["x", "b", "a"], 1))).Transform(Blobs.View(_ml, Blobs.Classes(["a", "b"], 5)))),
        "shared" => (new TinyLearner { Classes = ["low", "middle", "high"] }.Load(), Keyed(["high", "low"])),
        "numeric labels" => (new TinyLearner { Classes = ["1", "2.5", "4"] }.Load(), NumericLabels()),
        "nameless keys" => (new TinyLearner().Load(), NamelessKeys()),
        "one output" => (new TinyLearner { Task = MetaTask.Regression }.Load(), Blobs.View(_ml, Blobs.Targets(6))),
        "two outputs" => (new TinyLearner { Task = MetaTask.Regression, Outputs = 2 }.Load(),
            Blobs.View(_ml, Blobs.Targets(6, outputs: 2), outputs: 2)),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private IDataView Keyed(string[] labels) => Blobs.KeyedView(_ml, Blobs.Classes(labels, 5));

    private IDataView NumericLabels()
    {
        var data = _ml.Data.LoadFromEnumerable(new NumericRow[] { new() { Label = 4 }, new() { Label = 1, Features = [3, -2] } });
        return _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
    }

    private IDataView NamelessKeys()
    {
        var schema = SchemaDefinition.Create(typeof(KeyRow));
        schema[nameof(KeyRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), 3);
        return _ml.Data.LoadFromEnumerable([new KeyRow { Label = 0 }, new KeyRow { Label = 2, Features = [3, -2] }], schema);
    }

    private static ITransformer SaveAndLoad(ITransformer model, DataViewSchema schema, out DataViewSchema inputSchema)
    {
        using var stream = new MemoryStream();
        new MLContext().Model.Save(model, schema, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out inputSchema);
    }

    private static float[][] Scores(IDataView data) => data.Schema["Score"].Type is VectorDataViewType
        ? [.. data.GetColumn<float[]>("Score")]
        : [.. data.GetColumn<float>("Score").Select(score => new[] { score })];

    private static void AssertSameScores(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var row = 0; row < expected.Length; row++)
        {
            Assert.Equal(
                expected[row], actual[row], (one, other) => MathF.Abs(one - other) <= Float32Tolerance * MathF.Max(1, MathF.Abs(one)));
        }
    }

    private static void AssertSameColumns(DataViewSchema expected, DataViewSchema actual)
    {
        static IEnumerable<string> Visible(DataViewSchema schema) =>
            schema.Where(column => !column.IsHidden).Select(column => $"{column.Name}: {column.Type} {KeyValues(column)}");
        Assert.Equal(Visible(expected), Visible(actual));
    }

    private static string KeyValues(DataViewSchema.Column column) =>
        LabelNames.Read(column) is { } names ? $"{names.ItemType}: {string.Join(", ", names.Texts)}" : "";

    private sealed class Prediction
    {
        public string Name { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    private sealed class NumericRow
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }

    private sealed class KeyRow
    {
        public uint Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }

    private sealed class Point
    {
        public float X { get; set; }

        public float Y { get; set; }
    }
}
