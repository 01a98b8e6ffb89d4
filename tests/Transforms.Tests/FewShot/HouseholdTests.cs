using System.Runtime.CompilerServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>What an app that runs for months must not collect: memory that nobody disposes, and files of what was learned of its
/// users.</summary>
[Collection(nameof(Household))]
public sealed class HouseholdTests
{
    [Fact]
    public void SharedFloats_NobodyDisposesTheView_AreCollected()
    {
        var array = Forget();

        Collect();

        Assert.False(array.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Forget()
        {
            var floats = new SharedFloats(1000);
            floats.View(10, 100);
            return new WeakReference(floats.Array);
        }
    }

    [Fact]
    public void SharedFloats_ViewBeyondTheEnd_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedFloats(10).View(3, 4));

    [Theory]
    [InlineData("engines", 200)]
    [InlineData("cursors", 200)]
    [InlineData("loaded models", 50)]
    public void NobodyDisposes_MemoryStaysFlat(string what, int rounds)
    {
        // Kept, each would cost 160 kB and more.
        const int features = 20_000;
        var ml = new MLContext(1);
        var rows = Blobs.Classes(["a", "b"], 2, features);
        var data = Blobs.KeyedView(ml, rows, features);
        using var learner = new TinyLearner { Features = features, Steps = 1 }.Load();
        using var model = ml.MetaLearning().FewShot(learner).Fit(data);
        using var saved = new MemoryStream();
        ml.Model.Save(model, data.Schema, saved);
        var schema = SchemaDefinition.Create(typeof(Blobs.Row));
        schema[nameof(Blobs.Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        Once();
        Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var round = 0; round < rounds; round++)
        {
            Once();
        }

        Collect();
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 80_000 * rounds);

        void Once()
        {
            switch (what)
            {
                case "engines":
                    ml.Model.CreatePredictionEngine<Blobs.Row, Prediction>(model, ignoreMissingColumns: true, schema).Predict(rows[0]);
                    break;
                case "cursors":
                    var view = model.Transform(data);
                    view.GetRowCursor(view.Schema).MoveNext();
                    break;
                default:
                    saved.Position = 0;
                    Assert.NotEmpty(ml.MetaLearning().LoadModel(saved, out _).Transform(data).GetColumn<float[]>("Score"));
                    break;
            }
        }
    }

    [Fact]
    public void Save_AdaptedModel_LeavesNoFile()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(1) { TempFilePath = folder.Path };
        using var learner = new TinyLearner().Load();
        var data = Blobs.KeyedView(ml, Blobs.Classes(["a", "b"], 2));
        using var model = ml.MetaLearning().FewShot(learner).Fit(data);
        using var stream = new MemoryStream();

        ml.Model.Save(model, data.Schema, stream);

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [UnixTheory]
    [InlineData("model.onnx")]
    public void PrivateFolder_Meanwhile_IsTheOwnersOnly(string name)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException();
        }

        using var temporary = new TemporaryFolder();
        string path;
        using (var folder = new PrivateFolder(new MLContext { TempFilePath = temporary.Path }))
        {
            path = folder.Write(name, [1, 2, 3]);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void FewShotOfAMetaModel_FittedThousandsOfTimes_LeavesNothingWithTheContext()
    {
        var ml = new MLContext(1);
        var data = Blobs.View(ml, Blobs.Classes(["a", "b"], 2));
        using var learner = new TinyLearner { Steps = 1 }.Load();
        var keys = ml.Transforms.Conversion.MapValueToKey("Label").Fit(data);
        var trainer = ml.MetaLearning().FewShot(new TransformerChain<ITransformer>(keys, new LearnerTransformer(ml, learner)));
        Fit(200);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        Fit(3000);

        // 3.3 kB each with keys made in the app's own context.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 5_000_000);

        void Fit(int times)
        {
            for (var time = 0; time < times; time++)
            {
                trainer.Fit(data).Dispose();
            }
        }
    }

    [Fact]
    public void ConvertToOnnx_AdaptedModel_WarnsThatItIsLeftOut()
    {
        var ml = new MLContext(1);
        var warnings = new List<string>();
        ml.Log += (_, log) =>
        {
            if (log.Kind == ChannelMessageKind.Warning)
            {
                warnings.Add(log.Message);
            }
        };
        using var learner = new TinyLearner().Load();
        var data = Blobs.KeyedView(ml, Blobs.Classes(["a", "b"], 2));
        using var model = ml.MetaLearning().FewShot(learner).Fit(data);
        model.Transform(data);
        Assert.Empty(warnings);

        ml.Model.ConvertToOnnx(model, data, Stream.Null);

        Assert.Contains("leaves out the adapted model", warnings[0], StringComparison.Ordinal);
        Assert.Contains("ml.MetaLearning().SaveAsOnnx(chain, rows.Schema, path)", warnings[0], StringComparison.Ordinal);
    }

    private static void Collect()
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }
}
