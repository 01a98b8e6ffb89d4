using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary><c>ml.Model.Save</c>, then <c>ml.MetaLearning().LoadModel</c> in a fresh context: the transformer that was saved, to the last bit.</summary>
public sealed class LoadModelTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData("episodes")]
    [InlineData("shared")]
    [InlineData("regression")]
    public void LoadModel_AdaptedModel_GivesTheSameBits(string problem)
    {
        using var learner = Learner(problem);
        var data = Data(learner);
        using var model = _ml.MetaLearning().FewShot(learner, new FewShotTrainer.Options { BatchSize = 3 }).Fit(data);

        var loaded = Assert.IsType<FewShotPredictionTransformer>(SaveAndLoad(model, data.Schema));

        using (loaded)
        {
            Assert.Equal(model.Classes, loaded.Classes);
            Assert.Equal(model.FeatureColumnType, loaded.FeatureColumnType);
            Assert.Equal(Lines(model.Transform(data)), Lines(loaded.Transform(data)));
            Assert.Equal(Annotations(model.Transform(data)), Annotations(loaded.Transform(data)));
        }
    }

    [Fact]
    public void LoadModel_ChainsWithinChains_AreRestored()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.View(_ml, Blobs.Classes(["a", "b"], 4));
        using var inner = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MetaLearning().FewShot(learner)).Fit(data);
        var outer = new TransformerChain<ITransformer>(
            inner, _ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel").Fit(inner.Transform(data)));

        using var loaded = (TransformerChain<ITransformer>)SaveAndLoad(outer, data.Schema);

        var chain = Assert.IsType<TransformerChain<ITransformer>>(loaded.First(), exactMatch: false);
        Assert.IsType<FewShotPredictionTransformer>(chain.LastTransformer);
        Assert.Equal(outer.Transform(data).GetColumn<string>("Name"), loaded.Transform(data).GetColumn<string>("Name"));
        using var engine = _ml.Model.CreatePredictionEngine<Blobs.Row, Prediction>(loaded, data.Schema);
        Assert.Contains(engine.Predict(Blobs.Classes(["a", "b"], 4)[0]).Name, new[] { "a", "b" });
    }

    [Fact]
    public void LoadModel_MetaModel_AdaptsAgain()
    {
        using var meta = new LearnerTransformer(_ml, new TinyLearner().Load());
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));

        using var loaded = Assert.IsType<LearnerTransformer>(SaveAndLoad(new TransformerChain<ITransformer>(meta), data.Schema) is
            IEnumerable<ITransformer> chain ? chain.Single() : null);

        using var model = _ml.MetaLearning().FewShot((ITransformer)loaded).Fit(data);
        Assert.Equal(8, model.Transform(data).GetColumn<uint>("PredictedLabel").Count());
    }

    [Fact]
    public void LoadModel_AdaptedModel_SavesAndExportsAgain()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);
        using var once = (FewShotPredictionTransformer)SaveAndLoad(model, data.Schema);

        using var twice = (FewShotPredictionTransformer)SaveAndLoad(once, data.Schema);

        Assert.Equal(Lines(model.Transform(data)), Lines(twice.Transform(data)));
        using var stream = new MemoryStream();
        twice.SaveAsOnnx(stream);
        Assert.NotEqual(0, stream.Length);
    }

    [Fact]
    public void LoadModel_Options_SurviveUnlessOthersAreGiven()
    {
        var cautious = new Learner.Options { NumberOfThreads = 2, ExecutionProvider = ExecutionProvider.Cuda(3, fallbackToCpu: true) };
        using var learner = new TinyLearner().Load(cautious);
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);

        using var loaded = (FewShotPredictionTransformer)SaveAndLoad(model, data.Schema);
        using var other = (FewShotPredictionTransformer)SaveAndLoad(model, data.Schema, new Learner.Options { NumberOfThreads = 1 });

        Assert.Equal(cautious.ToString(), loaded.Learner.RunOptions.ToString());
        Assert.Equal(ExecutionProvider.Cpu, other.Learner.RunOptions.ExecutionProvider);
    }

    [Fact]
    public void LoadModel_StockModel_IsLeftAlone()
    {
        var data = Blobs.View(_ml, Blobs.Classes(["a", "b"], 4));
        var stock = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data);

        var loaded = SaveAndLoad(stock, data.Schema);

        Assert.Equal(8, loaded.Transform(data).GetColumn<uint>("Label").Count());
    }

    [Fact]
    public void LoadModel_Dispose_EndsItsLearner()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 4));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);
        var loaded = (FewShotPredictionTransformer)SaveAndLoad(model, data.Schema);

        loaded.Dispose();

        Assert.Throws<ObjectDisposedException>(() => _ml.MetaLearning().FewShot(loaded.Learner).Fit(data));
        Assert.Equal(8, model.Transform(data).GetColumn<uint>("PredictedLabel").Count());
    }

    [Fact]
    public void LoadModel_NoSuchFile_SaysSo() =>
        Assert.Throws<FileNotFoundException>(() => _ml.MetaLearning().LoadModel("no such file.zip", out _));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void LoadModel_Damage_IsAFormatError(int length)
    {
        using var stream = new MemoryStream(new byte[length]);

        Assert.Throws<FormatException>(() => _ml.MetaLearning().LoadModel(stream, out _));
    }

    [Fact]
    public void LoadModel_EmptyArchive_IsAFormatError()
    {
        using var stream = new MemoryStream();
        using (new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
        }
        stream.Position = 0;

        Assert.Throws<FormatException>(() => _ml.MetaLearning().LoadModel(stream, out _));
    }

    [Fact]
    public void SavedModel_OfANewerVersion_SaysToUpdate()
    {
        var model = new SavedModel([1], [], new SavedModel.Usage(2, "Features", "Label", false, null, null, 1, "Cpu", "Cpu"));

        Assert.Contains("version 2", Assert.Throws<NotSupportedException>(() => SavedModel.Read(model.ToBytes())).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => SavedModel.Read([1, 2, 3]));
    }

    private static Learner Learner(string problem) => problem switch
    {
        "episodes" => new TinyLearner().Load(),
        "shared" => new TinyLearner { Classes = ["a", "b", "c"] }.Load(),
        _ => new TinyLearner { Task = MetaTask.Regression, Outputs = 2 }.Load(),
    };

    private IDataView Data(Learner learner) => learner.Task == MetaTask.Regression
        ? Blobs.View(_ml, Blobs.Targets(8, outputs: 2), outputs: 2)
        : Blobs.KeyedView(_ml, Blobs.Classes(["b", "a"], 4));

    private static ITransformer SaveAndLoad(ITransformer model, DataViewSchema schema, Learner.Options? options = null)
    {
        using var folder = new TemporaryFolder();
        new MLContext().Model.Save(model, schema, folder.File("model.zip"));
        var loaded = new MLContext().MetaLearning().LoadModel(folder.File("model.zip"), out var inputSchema, options);
        Assert.Equal(schema.Select(column => column.Name), inputSchema.Select(column => column.Name));
        return loaded;
    }

    private static IEnumerable<string> Lines(IDataView data) =>
        data.GetColumn<float[]>("Score").Select(score => string.Join(' ', score.Select(BitConverter.SingleToInt32Bits)));

    private static IEnumerable<string> Annotations(IDataView data) =>
        data.Schema.Select(column => $"{column} {string.Join(' ', column.Annotations.Schema)} {string.Join(' ', LabelNames.Read(column)?.Texts ?? [])}");

    private sealed class Prediction
    {
        public string Name { get; set; } = "";
    }
}
