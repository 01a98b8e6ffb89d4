using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary><c>ml.Model.Save</c>, then <c>ml.MetaLearning().LoadModel</c> in a fresh context: the transformer that was saved, to the last
/// bit.</summary>
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

        Assert.Equal(cautious with { NumberOfThreads = Math.Min(2, Environment.ProcessorCount) }, loaded.Learner.RunOptions);
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
        var model = new SavedModel([1], [], new SavedModel.Usage(2, "Features", "Label", false, null, null, 1, "Cpu", "Cpu"), []);

        Assert.Contains(
            "version 2", Assert.Throws<NotSupportedException>(() => SavedModel.Read(model.ToBytes())).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => SavedModel.Read([1, 2, 3]));
    }

    [Theory]
    [InlineData(nameof(SavedModel.Usage.BatchSize))]
    [InlineData(nameof(SavedModel.Usage.Threads))]
    [InlineData(nameof(SavedModel.Usage.Version))]
    [InlineData(nameof(SavedModel.Usage.FeatureColumn))]
    [InlineData(nameof(SavedModel.Usage.LabelColumn))]
    [InlineData(nameof(SavedModel.Usage.SlotOfClass))]
    public void SavedModel_ValueOutOfItsRange_IsNamed(string name)
    {
        var right = new SavedModel.Usage(1, "Features", "Label", false, [0, 1], null, 1, "Cpu", "Cpu");
        var wrong = name switch
        {
            nameof(SavedModel.Usage.BatchSize) => right with { BatchSize = 0 },
            nameof(SavedModel.Usage.Threads) => right with { Threads = 1000 },
            nameof(SavedModel.Usage.Version) => right with { Version = 0 },
            nameof(SavedModel.Usage.FeatureColumn) => right with { FeatureColumn = "" },
            nameof(SavedModel.Usage.LabelColumn) => right with { LabelColumn = "" },
            _ => right with { SlotOfClass = [1, 1] },
        };

        SavedModel.Read(new SavedModel([1], [], right, []).ToBytes());
        var error = Assert.Throws<FormatException>(() => SavedModel.Read(new SavedModel([1], [], wrong, []).ToBytes()));

        Assert.Contains($"'{name}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "do not fit its learner")]
    [InlineData("NaN", "is not finite")]
    [InlineData("longer", "has another type or shape")]
    [InlineData("transposed", "has another type or shape")]
    [InlineData("integers", "has another type or shape")]
    public void Adopt_ParametersOfAnotherLearner_AreRefused(string how, string reason)
    {
        using var learner = new TinyLearner().Load();
        using var adapted = learner.Adapt(new SupportSet(2, [0, 1, 2, 3], [0, 1], null));
        var (weights, bias) = (adapted.ToTensors()[0], adapted.ToTensors()[1]);
        using (learner.Adopt([weights, bias]))
        {
        }

        TensorProto[] tensors = how switch
        {
            "missing" => [weights],
            "NaN" => [weights, OnnxTensors.Float(bias.Name, [2], [0, float.NaN])],
            "longer" => [weights, OnnxTensors.Float(bias.Name, [3], [0, 1, 2])],
            "transposed" => [OnnxTensors.Float(weights.Name, [4, 1], OnnxTensors.ToFloats(weights)), bias],
            _ => [weights, OnnxTensors.Int64(bias.Name, [2], [0, 1])],
        };

        var error = Assert.Throws<FormatException>(() => learner.Adopt(tensors));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadModel_OneByteChanged_IsRefusedOrTheSameModel()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.View(_ml, Blobs.Classes(["a", "b"], 4));
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MetaLearning().FewShot(learner)).Fit(data);
        using var saved = new MemoryStream();
        _ml.Model.Save(model, data.Schema, saved);
        var expected = Lines(model.Transform(data)).ToArray();
        var random = new Random(1);
        for (var round = 0; round < 150; round++)
        {
            var bytes = saved.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));

            if (TryLoad(bytes) is { } loaded)
            {
                Assert.Equal(expected, Lines(loaded.Transform(data)));
                ((IDisposable)loaded).Dispose();
            }
        }
    }

    [Fact]
    public void LoadModel_OneByteChangedUnderARightChecksum_IsRefusedOrAModel()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.View(_ml, Blobs.Classes(["a", "b"], 4));
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MetaLearning().FewShot(learner)).Fit(data);
        using var saved = new MemoryStream();
        _ml.Model.Save(model, data.Schema, saved);
        var random = new Random(1);
        for (var round = 0; round < 150; round++)
        {
            using var copy = new MemoryStream();
            saved.Position = 0;
            using (var from = new ZipArchive(saved, ZipArchiveMode.Read, leaveOpen: true))
            using (var to = new ZipArchive(copy, ZipArchiveMode.Create, leaveOpen: true))
            {
                var changed = random.Next(from.Entries.Count);
                for (var index = 0; index < from.Entries.Count; index++)
                {
                    using var content = new MemoryStream();
                    using (var old = from.Entries[index].Open())
                    {
                        old.CopyTo(content);
                    }

                    var bytes = content.ToArray();
                    if (index == changed && bytes.Length > 0)
                    {
                        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    }

                    using var entry = to.CreateEntry(from.Entries[index].FullName).Open();
                    entry.Write(bytes);
                }
            }

            (TryLoad(copy.ToArray()) as IDisposable)?.Dispose();
        }
    }

    /// <summary>Null when it is refused as documented; anything else is a failure.</summary>
    private static ITransformer? TryLoad(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        try
        {
            return new MLContext().MetaLearning().LoadModel(stream, out _);
        }
        catch (Exception exception) when (exception is FormatException or NotSupportedException)
        {
            return null;
        }
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
        data.Schema.Select(
            column => $"{column} {string.Join(' ', column.Annotations.Schema)} {string.Join(' ', LabelNames.Read(column)?.Texts ?? [])}");

    private sealed class Prediction
    {
        public string Name { get; set; } = "";
    }
}
