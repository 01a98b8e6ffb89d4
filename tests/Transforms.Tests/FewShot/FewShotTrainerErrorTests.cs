using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>What the few-shot trainer refuses, and in which words.</summary>
public sealed class FewShotTrainerErrorTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly Learner _episodes = new TinyLearner().Load();
    private readonly Learner _shared = new TinyLearner { Classes = ["low", "high"] }.Load();
    private readonly Learner _regression = new TinyLearner { Task = MetaTask.Regression }.Load();
    private readonly Learner _twoOutputs = new TinyLearner { Task = MetaTask.Regression, Outputs = 2 }.Load();

    public void Dispose()
    {
        _episodes.Dispose();
        _shared.Dispose();
        _regression.Dispose();
        _twoOutputs.Dispose();
    }

    [Fact]
    public void Fit_NoFeatureColumn_NamesIt() => AssertSchemaError(
        _ml.MetaLearning().FewShot(_episodes, featureColumnName: "Pixels"), Keyed("a", "b"),
        "Could not find feature column 'Pixels': expected Vector<Single, 2>.");

    [Fact]
    public void Fit_TextFeatures_NamesBothTypes() => AssertSchemaError(
        _ml.MetaLearning().FewShot(_episodes, featureColumnName: "Text"), With("Text", Keyed("a", "b")),
        "Schema mismatch for feature column 'Text': expected Vector<Single, 2>, got String");

    [Fact]
    public void Fit_NoLabelColumn_NamesIt() => AssertSchemaError(
        _ml.MetaLearning().FewShot(_episodes, labelColumnName: "Class"), Keyed("a", "b"),
        "Could not find label column 'Class': expected Key<UInt32>.");

    [Fact]
    public void Fit_TextLabel_NamesMapValueToKey() => AssertSchemaError(
        _ml.MetaLearning().FewShot(_episodes), Blobs.View(_ml, Blobs.Classes(["a", "b"], 2)),
        "Schema mismatch for label column 'Label': expected Key<UInt32>, got String. "
        + "Map it to a key: ml.Transforms.Conversion.MapValueToKey(\"Label\").");

    [Fact]
    public void Fit_KeyLabelForRegression_IsRefused()
    {
        var data = Keyed("a", "b");
        var trainer = _ml.MetaLearning().FewShot(_regression);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(data));

        Assert.Contains(
            "Schema mismatch for label column 'Label': expected Single, got Key<UInt32, 0-1>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_FeaturesTooLong_PrintsBothLengths()
    {
        var data = Keyed(Blobs.Classes(["a", "b"], 2, features: 3), 3);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MetaLearning().FewShot(_episodes).Fit(data));

        Assert.Contains("expected Vector<Single, 2>, got Vector<Single, 3>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Transform_FeaturesTooLong_PrintsBothLengths()
    {
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(Keyed("a", "b"));
        var data = Keyed(Blobs.Classes(["a", "b"], 2, features: 3), 3);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.Transform(data));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.GetOutputSchema(data.Schema));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((ITransformer)model).GetRowToRowMapper(data.Schema));

        Assert.Contains("expected Vector<Single, 2>, got Vector<Single, 3>", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_TargetsTooShort_PrintsBothLengths()
    {
        var data = Blobs.View(_ml, Blobs.Targets(3));

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MetaLearning().FewShot(_twoOutputs).Fit(data));

        Assert.Contains(
            "Schema mismatch for label column 'Label': expected Vector<Single, 2>, got Vector<Single, 1>",
            error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void Fit_FeatureNotFinite_NamesRowAndElement(float value, string name)
    {
        var rows = Blobs.Classes(["a", "b"], 2);
        rows[2].Features[1] = value;

        AssertDataError(_episodes, Keyed(rows), $"Row 3 of the support set has {name} in feature column 'Features', element 1");
    }

    [Fact]
    public void Fit_TargetNotFinite_NamesRow()
    {
        var rows = Blobs.Targets(4);
        rows[1].Label[0] = float.NaN;

        AssertDataError(_regression, Blobs.View(_ml, rows), "Row 2 of the support set has NaN in label column 'Label', element 0");
    }

    [Fact]
    public void Fit_NoRows_IsRefused()
    {
        AssertDataError(_regression, Blobs.View(_ml, Array.Empty<Blobs.TargetRow>()), "The support set has no rows");
        AssertDataError(_episodes, _ml.Data.SkipRows(Keyed("a", "b"), 100), "The support set has no rows");
    }

    [Fact]
    public void Fit_OneClassForEpisodes_NamesIt() =>
        AssertDataError(_episodes, _ml.Data.TakeRows(Keyed("a", "b"), 1), "All rows of the support set have the label a");

    [Fact]
    public void Fit_OneClassForSharedLabels_IsLearned()
    {
        using var model = _ml.MetaLearning().FewShot(_shared).Fit(_ml.Data.TakeRows(Keyed("low", "high"), 1));

        Assert.Equal(["low", "high"], model.Classes);
    }

    [Fact]
    public void Fit_MissingLabel_NamesRow()
    {
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(_ml, Blobs.Classes(["a", "b"], 2)));

        var data = keys.Transform(Blobs.View(_ml, Blobs.Classes(["a", "new"], 2)));

        AssertDataError(_episodes, data, "Row 2 of the support set has a missing label (key 0) in column 'Label'");
    }

    [Fact]
    public void Fit_LabelUnknownToSharedLearner_NamesItAndTheKnownOnes() =>
        AssertDataError(_shared, Keyed("low", "middle"),
            "The label 'middle' in column 'Label' is not a class of the learner. Its classes are 'low', 'high'");

    [Fact]
    public void Fit_NamelessKeysForSharedLearner_NamesMapValueToKey()
    {
        var schema = SchemaDefinition.Create(typeof(KeyRow));
        schema[nameof(KeyRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), 2);

        AssertDataError(_shared, _ml.Data.LoadFromEnumerable([new KeyRow { Label = 1 }], schema), "no KeyValues annotation");
    }

    [Fact]
    public void Fit_KeysWithoutBound_AreRefused()
    {
        var schema = SchemaDefinition.Create(typeof(KeyRow));
        schema[nameof(KeyRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), uint.MaxValue);

        AssertDataError(_episodes, _ml.Data.LoadFromEnumerable([new KeyRow { Label = 1 }], schema), "4294967295 possible keys");
    }

    [Fact]
    public void Options_OutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FewShotTrainer.Options { Steps = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FewShotTrainer.Options { BatchSize = 0 });
        Assert.Throws<ArgumentException>(() => new FewShotTrainer.Options { LabelColumnName = "" });
        Assert.Throws<ArgumentException>(() => new FewShotTrainer.Options { FeatureColumnName = "" });
    }

    [Fact]
    public void Fit_Cancelled_Stops()
    {
        var options = new FewShotTrainer.Options { CancellationToken = new CancellationToken(canceled: true) };

        Assert.ThrowsAny<OperationCanceledException>(() => _ml.MetaLearning().FewShot(_episodes, options).Fit(Keyed("a", "b")));
    }

    [Fact]
    public void Transform_AfterDispose_IsRefused()
    {
        var data = Keyed("a", "b");
        var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);
        var scored = model.Transform(data);
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => scored.GetColumn<float[]>("Score").ToArray());
    }

    /// <summary>The promise, Fit and (for features) Transform say the same.</summary>
    private static void AssertSchemaError(FewShotTrainer trainer, IDataView data, string message)
    {
        var fit = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(data));
        var promise = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(Shapes.Of(data)));
        Assert.StartsWith(message, fit.Message, StringComparison.Ordinal);
        Assert.Equal(fit.Message, promise.Message);
    }

    private void AssertDataError(Learner learner, IDataView data, string message)
    {
        var error = Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().FewShot(learner).Fit(data));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private IDataView Keyed(params string[] labels) => Keyed(Blobs.Classes(labels, 3));

    private IDataView Keyed(Blobs.Row[] rows, int features = 2) => Blobs.KeyedView(_ml, rows, features);

    private IDataView With(string column, IDataView data) =>
        _ml.Transforms.Conversion.MapKeyToValue(column, "Label").Fit(data).Transform(data);

    private sealed class KeyRow
    {
        public uint Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }
}
