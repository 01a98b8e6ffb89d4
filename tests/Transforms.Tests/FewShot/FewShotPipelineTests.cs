using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Adapting from raw rows, with what the meta-trained pipeline did before its learner.</summary>
public sealed class FewShotPipelineTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Fit_NewLabels_AreMappedAnew()
    {
        var metaModel = MetaModel(new TinyLearner { Steps = 500 }.Load(), ["old 1", "old 2"]);
        var data = Raw(["new 1", "new 2", "new 3"]);

        using var model = _ml.MetaLearning().FewShot(metaModel).Fit(data);

        Assert.Equal(["new 1", "new 2", "new 3"], model.LastTransformer.Classes);
        Assert.Equal(1, _ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy);
    }

    [Fact]
    public void Fit_LabelBeforeTheFeatures_IsMappedAnewInItsPlace()
    {
        using var metaModel = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(new MetaTraining(_ml, new TinyLearner().Load())).Fit(LabelFirst("old 1", "old 2"));

        using var model = _ml.MetaLearning().FewShot(metaModel).Fit(LabelFirst("new 1", "new 2", "new 3"));

        Assert.Equal(["new 1", "new 2", "new 3"], model.LastTransformer.Classes);
    }

    [Fact]
    public void Fit_SharedLabels_KeepTheirKeys()
    {
        var metaModel = MetaModel(new TinyLearner { Classes = ["low", "high"] }.Load(), ["high", "low"]);

        using var model = _ml.MetaLearning().FewShot(metaModel).Fit(Raw(["low", "high"]));

        Assert.Equal(["high", "low"], model.LastTransformer.Classes);
    }

    [Fact]
    public void Fit_FittedStages_AreNotFittedAnew()
    {
        var history = Raw(["a", "b"]);
        var learner = new TinyLearner().Load();
        var metaModel = _ml.Transforms.Concatenate("Features", "X", "Y")
            .Append(_ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Name"))
            .Append(new MetaTraining(_ml, learner))
            .Fit(history);
        var far = Raw(["a", "b"], seed: 9);

        using var model = _ml.MetaLearning().FewShot(metaModel).Fit(far);

        Assert.Equal(
            metaModel.Transform(far).GetColumn<float[]>("Features"),
            model.Transform(far).GetColumn<float[]>("Features"));
    }

    [Fact]
    public void Fit_SavedAndLoadedMetaModel_GivesTheSame()
    {
        var metaModel = MetaModel(new TinyLearner().Load(), ["old 1", "old 2"]);
        var data = Raw(["new 1", "new 2"]);
        using var stream = new MemoryStream();
        _ml.Model.Save(metaModel, data.Schema, stream);
        stream.Position = 0;
        var fresh = new MLContext();

        var loaded = fresh.Model.Load(stream, out var schema);

        using var expected = _ml.MetaLearning().FewShot(metaModel).Fit(data);
        var pipeline = fresh.MetaLearning().FewShot(loaded);
        using var actual = pipeline.Fit(data);
        Assert.Equal(expected.Transform(data).GetColumn<float[]>("Score"), actual.Transform(data).GetColumn<float[]>("Score"));
        Assert.Equal("Tiny", pipeline.Learner.Kind);
        // The loaded model passes rows through, as the saved one did.
        Assert.Equal(
            metaModel.GetOutputSchema(data.Schema).Select(column => column.ToString()),
            loaded.GetOutputSchema(schema).Where(column => !column.IsHidden).Select(column => column.ToString()));
        Assert.Equal(metaModel.Transform(data).GetColumn<float[]>("Features"), loaded.Transform(data).GetColumn<float[]>("Features"));
    }

    [Fact]
    public void Fit_LearnerTransformerAlone_SavedAndLoaded_Adapts()
    {
        var meta = new LearnerTransformer(_ml, new TinyLearner().Load());
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        using var stream = new MemoryStream();
        _ml.Model.Save(meta, data.Schema, stream);
        stream.Position = 0;

        using var before = _ml.MetaLearning().FewShot(meta).Fit(data);
        using var after = _ml.MetaLearning().FewShot(_ml.Model.Load(stream, out _)).Fit(data);

        Assert.Equal(before.Transform(data).GetColumn<float[]>("Score"), after.Transform(data).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void Fit_AdaptedChain_SavedAndLoaded_ScoresRawRows()
    {
        var metaModel = MetaModel(new TinyLearner().Load(), ["old 1", "old 2"]);
        var data = Raw(["new 1", "new 2"]);
        using var model = _ml.MetaLearning().FewShot(metaModel).Fit(data);
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;

        var loaded = new MLContext().Model.Load(stream, out _);

        // Rounding differs, see ModelSaveTests.
        Assert.All(
            model.Transform(data).GetColumn<float[]>("Score").Zip(loaded.Transform(data).GetColumn<float[]>("Score")),
            pair => Assert.Equal(pair.First[0], pair.Second[0], 1e-5f));
    }

    [Fact]
    public void Fit_ChainsInChains_AreOnePipeline()
    {
        var data = Raw(["old 1", "old 2"]);
        var labels = _ml.Transforms.Conversion.MapValueToKey("Label", "Name")
            .Append(_ml.Transforms.Concatenate("Features", "X", "Y"))
            .Fit(data);
        var inner = new TransformerChain<LearnerTransformer>(labels, new LearnerTransformer(_ml, new TinyLearner().Load()));
        using var stream = new MemoryStream();
        _ml.Model.Save(new TransformerChain<ITransformer>(inner), data.Schema, stream);
        stream.Position = 0;

        using var model = _ml.MetaLearning().FewShot(new TransformerChain<ITransformer>(inner)).Fit(Raw(["new 1", "new 2"]));
        using var loaded = _ml.MetaLearning().FewShot(_ml.Model.Load(stream, out _)).Fit(Raw(["new 1", "new 2"]));

        Assert.Equal(["new 1", "new 2"], model.LastTransformer.Classes);
        Assert.Equal(["new 1", "new 2"], loaded.LastTransformer.Classes);
    }

    [Fact]
    public void Dispose_AdaptedChain_LeavesTheSharedStages()
    {
        var data = Raw(["a", "b"]);
        using var native = new NativeStage(_ml.Transforms.Concatenate("Features", "X", "Y").Fit(data));
        var labels = _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(data);
        var metaModel = new TransformerChain<LearnerTransformer>(native, labels, new LearnerTransformer(_ml, new TinyLearner().Load()));

        _ml.MetaLearning().FewShot(metaModel).Fit(data).Dispose();

        Assert.False(native.IsDisposed);
        using var again = _ml.MetaLearning().FewShot(metaModel).Fit(data);
        Assert.Equal(10, again.Transform(data).GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void FewShot_ModelWithoutLearner_IsRefused()
    {
        var other = _ml.Transforms.Concatenate("Features", "X", "Y").Fit(Raw(["a", "b"]));

        Assert.Throws<ArgumentException>(() => _ml.MetaLearning().FewShot(other));
        Assert.Throws<ArgumentException>(() => _ml.MetaLearning().FewShot(new TransformerChain<ITransformer>(other)));
        Assert.Throws<ArgumentException>(() => _ml.MetaLearning().FewShot(new TransformerChain<ITransformer>()));
    }

    [Fact]
    public void GetOutputSchema_RawScalars_NamesEveryColumn()
    {
        var pipeline = _ml.MetaLearning().FewShot(MetaModel(new TinyLearner().Load(), ["old 1", "old 2"]));
        var data = Raw(["a", "b"]);

        var promise = pipeline.GetOutputSchema(Shapes.Of(data));

        using var model = pipeline.Fit(data);
        Assert.Equal(
            Shapes.Of(model.Transform(data)).Select(column => $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey}").Order(),
            promise.Select(column => $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey}").Order());
    }

    [Fact]
    public void GetOutputSchema_RawVectors_NamesTheModelsColumns()
    {
        var learner = new TinyLearner().Load();
        var data = Blobs.View(_ml, Blobs.Classes(["a", "b"], 3));
        var metaModel = _ml.Transforms.Conversion.MapValueToKey("Label").Append(new MetaTraining(_ml, learner)).Fit(data);

        var promise = _ml.MetaLearning().FewShot(metaModel).GetOutputSchema(Shapes.Of(data));

        Assert.Equal(["Features", "Label", "PredictedLabel", "Score"], promise.Select(column => column.Name).Order());
    }

    [Fact]
    public void LearnerTransformer_Rows_PassThrough()
    {
        using var meta = new LearnerTransformer(_ml, new TinyLearner().Load());
        var data = Raw(["a", "b"]);

        Assert.Same(data, meta.Transform(data));
        Assert.Same(data.Schema, meta.GetOutputSchema(data.Schema));
    }

    [Fact]
    public void CreatePredictionEngine_MetaModel_SaysToAdaptFirst()
    {
        using var metaModel = MetaModel(new TinyLearner().Load(), ["a", "b"]);

        var error = Assert.Throws<InvalidOperationException>(() => _ml.Model.CreatePredictionEngine<RawRow, Prediction>(metaModel));

        Assert.Contains("ml.MetaLearning().FewShot(metaModel).Fit(support)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetOutputSchema_RowsWithAnUnrelatedVector_KeepsTheNamesOfTheKeys()
    {
        using var metaModel = MetaModel(new TinyLearner().Load(), ["a", "b"]);
        var data = _ml.Data.LoadFromEnumerable(Blobs.Classes(["a", "b"], 5).Select(row =>
            new RowWithVector { X = row.Features[0], Y = row.Features[1], Name = row.Label, Unrelated = row.Features }));

        using var model = _ml.MetaLearning().FewShot(metaModel).Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")).Fit(data);

        Assert.Equal(["a", "b"], model.Transform(data).GetColumn<string>("PredictedLabel").Distinct().Order());
    }

    private TransformerChain<LearnerTransformer> MetaModel(Learner learner, string[] labels) =>
        _ml.Transforms.Concatenate("Features", "X", "Y")
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Name"))
            .Append(new MetaTraining(_ml, learner))
            .Fit(Raw(labels));

    private IDataView Raw(string[] labels, int seed = 1) => _ml.Data.LoadFromEnumerable(
        Blobs.Classes(labels, 5, seed: seed).Select(row => new RawRow { X = row.Features[0], Y = row.Features[1], Name = row.Label }));

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }

    private sealed class RowWithVector
    {
        public float X { get; set; }

        public float Y { get; set; }

        public string Name { get; set; } = "";

        public float[] Unrelated { get; set; } = [];
    }

    /// <summary>Stands for a meta-training estimator: its Fit returns a learner that was there before.</summary>
    private sealed class MetaTraining(MLContext ml, Learner learner) : IEstimator<LearnerTransformer>
    {
        public LearnerTransformer Fit(IDataView input) => new(ml, learner);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }

    private sealed class NativeStage(ITransformer inner) : ITransformer, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public bool IsRowToRowMapper => inner.IsRowToRowMapper;

        public void Dispose() => IsDisposed = true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

        public void Save(ModelSaveContext ctx) => inner.Save(ctx);

        public IDataView Transform(IDataView input) => inner.Transform(input);
    }

    private IDataView LabelFirst(params string[] labels) => _ml.Data.LoadFromEnumerable(
        Blobs.Classes(labels, 3).Select(row => new LabelFirstRow { Label = row.Label, Features = row.Features }));

    private sealed class LabelFirstRow
    {
        public string Label { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class RawRow
    {
        public float X { get; set; }

        public float Y { get; set; }

        public string Name { get; set; } = "";
    }
}
