using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using SkiaSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks;

/// <summary>Images through ML.NET's own transforms, from files to the convolutional learner, against this library's loader.</summary>
public sealed class ImagePipelineTests : IDisposable
{
    private const int Side = 6, PerClass = 5;

    // A pixel is v / 255 here and v · (1 / 255) there.
    private const double Rounding = 1e-6;

    // That difference, after six meta-steps.
    private const double AfterTraining = 1e-3;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(1);

    public void Dispose() => _folder.Dispose();

    private sealed class Picture
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ExtractPixels_OfImagesFromFiles_EqualTheLoadersFeatures(int channels)
    {
        var pictures = Pictures("history", classes: 3, grey: channels == 1);
        var extracted = Extract(channels).Fit(pictures).Transform(pictures).GetColumn<VBuffer<float>>("Features").Select(
            f => f.DenseValues().ToArray()).ToArray();
        var loaded = Loaded("history", channels).GetColumn<float[]>("Features").ToArray();
        Assert.Equal(3 * PerClass, loaded.Length);
        Assert.All(loaded.Zip(extracted), pair => AssertClose(pair.First, pair.Second, Rounding));
    }

    [Theory]
    [InlineData("ComplexSynapse", 1)]
    [InlineData("ComplexSynapse", 3)]
    [InlineData("DualSystem", 3)]
    public void Fit_OfImagesFromFiles_GivesTheLearnerOfTheLoadersFeatures(string name, int channels)
    {
        var grey = channels == 1;
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label");
        var trainer = TinyTraining.Trainer(_ml, MetaTask.Classification, Options(name, channels));
        using var fromFiles = keys.Append(Extract(channels)).Append(trainer).Fit(Pictures("history", classes: 8, grey));
        using var fromLoader = keys.Append(trainer).Fit(Loaded("history", channels));

        // New classes: the meta-trained pipeline takes the files themselves.
        var (support, queries) = (Pictures("support", classes: 3, grey, seed: 2), Pictures("queries", classes: 3, grey, seed: 2));
        using var learnedFromFiles = _ml.MetaLearning().FewShot(fromFiles).Fit(support);
        using var learnedFromLoader = _ml.MetaLearning().FewShot(fromLoader).Fit(Loaded("support", channels));
        var scores = learnedFromFiles.Transform(queries).GetColumn<float[]>("Score").ToArray();
        var expected = learnedFromLoader.Transform(Loaded("queries", channels)).GetColumn<float[]>("Score").ToArray();

        Assert.Equal(3 * PerClass, expected.Length);
        Assert.True(expected.Max(row => row.Max()) > 0.4, "Nothing was learned: all scores are those of chance.");
        Assert.All(expected.Zip(scores), pair => AssertClose(pair.First, pair.Second, AfterTraining));
    }

    [Fact]
    public void Fit_OfColourImagesToANetworkForGrey_NamesBothShapes()
    {
        var pictures = Pictures("history", classes: 8, grey: false);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(Extract(channels: 3))
            .Append(TinyTraining.Trainer(_ml, MetaTask.Classification, Options("ComplexSynapse", channels: 1)));
        var refusal = Assert.Throws<InvalidOperationException>(() => pipeline.Fit(pictures));
        Assert.Contains(
            "'Features' has 108 values, but the network's images have 1 × 6 × 6", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Resize the images, or correct the ImageShape", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FewShot_OfImagesOfAnotherSize_NamesBoth()
    {
        Pictures("history", classes: 8, grey: true);
        using var meta = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(TinyTraining.Trainer(_ml, MetaTask.Classification, Options("DualSystem", channels: 1))).Fit(Loaded("history", 1));
        var larger = _ml.MetaLearning().Classification.LoadImageFolders(_folder.File("history"), new ImageShape(1, 7, 6));
        var refusal = Assert.ThrowsAny<ArgumentException>(() => _ml.MetaLearning().FewShot(meta).Fit(larger));
        Assert.Contains("36", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("42", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfAClassWithTooFewImages_LeavesItOutAndNamesIt()
    {
        Pictures("history", classes: 8, grey: true);
        PngFile.Write(_folder.File("history/lonely/1.png"), Side, (_, _) => SKColors.White);
        var view = _ml.MetaLearning().Classification.LoadImageFolders(
            _folder.File("history"), new ImageShape(1, Side, Side), minimumImagesPerClass: 1);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
        var warnings = new List<string>();
        _ml.Log += (_, e) => warnings.Add(e.Message);
        using var model = TinyTraining.Trainer(_ml, MetaTask.Classification, Options("DualSystem", 1)).Fit(keyed);
        Assert.Contains(
            warnings, w => w.Contains("1 of the classes have too few rows for an episode and are left out ('lonely'); 8 are used",
                StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ComplexSynapse")]
    [InlineData("DualSystem")]
    public void Fit_CutOffAndResumed_IsBitEqualAndRefusesOtherImageOptions(string name)
    {
        Pictures("history", classes: 8, grey: true);
        var view = Loaded("history", 1);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);
        var options = Options(name, channels: 1);
        using var uninterrupted = TinyTraining.Trainer(_ml, MetaTask.Classification, options).Fit(keyed);

        using var cancellation = new CancellationTokenSource();
        var history = new MetaTrainingHistory();
        var kept = options with { Checkpoint = new(_folder.File("checkpoint")) };
        var cutOff = kept.WithTraining(t => t with { Progress = new AtStep(4, cancellation.Cancel) }) with
        {
            CancellationToken = cancellation.Token,
        };
        Assert.Throws<OperationCanceledException>(() => TinyTraining.Trainer(_ml, MetaTask.Classification, cutOff).Fit(keyed));
        foreach (var other in (Func<ConvolutionalNetwork, ConvolutionalNetwork>[])
            [o => o with { Filters = [4, 4] }, o => o with { Normalization = ImageNormalization.None }, o => o with { Stride = 1 }])
        {
            var changed = kept with { Network = other((ConvolutionalNetwork)kept.Network) };
            var refusal = Assert.Throws<InvalidOperationException>(
                () => TinyTraining.Trainer(_ml, MetaTask.Classification, changed).Fit(keyed));
            Assert.Contains("was written with other options or other data (network: ", refusal.Message, StringComparison.Ordinal);
        }

        using var resumed = TinyTraining.Trainer(
            _ml, MetaTask.Classification, kept.WithTraining(t => t with { Progress = history })).Fit(keyed);
        Assert.Equal(uninterrupted.Learner.File.ToArray(), resumed.Learner.File.ToArray());
        Assert.Equal([0, 2, 4, 6], history.Reports.Select(r => r.Step));
    }

    private sealed class AtStep(int step, Action act) : IProgress<MetaTrainingProgress>
    {
        public void Report(MetaTrainingProgress value)
        {
            if (value.Step == step)
            {
                act();
            }
        }
    }

    private static InnerLoopOptions Options(string name, int channels) => (InnerLoopOptions)TinyTraining.Options(name) with
    {
        Network = new ConvolutionalNetwork(new ImageShape(channels, Side, Side)) { Filters = [4, 5] },
        Standardize = false,
        Adaptation = new() { Optimizer = Optimizer.Sgd(0.1, 0.9, nesterov: true), Steps = 10 },
    };

    /// <summary>From the column Path to the column Features, as ML.NET's users do it.</summary>
    private EstimatorChain<ImagePixelExtractingTransformer> Extract(int channels) =>
        _ml.Transforms.LoadImages("Image", _folder.Path, "Path")
        .Append(_ml.Transforms.ResizeImages("Image", Side, Side, resizing: ImageResizingEstimator.ResizingKind.Fill))
        .Append(_ml.Transforms.ExtractPixels(
            "Features", "Image", channels == 1
                ? ImagePixelExtractingEstimator.ColorBits.Red
                : ImagePixelExtractingEstimator.ColorBits.Rgb, scaleImage: 1 / 255f));

    private IDataView Loaded(string folder, int channels) =>
        _ml.MetaLearning().Classification.LoadImageFolders(_folder.File(folder), new ImageShape(channels, Side, Side));

    /// <summary>Noisy pictures of random patterns, written to files; rows of path and label in the order of the paths.</summary>
    private IDataView Pictures(string folder, int classes, bool grey, int seed = 1)
    {
        var random = new Random(seed);
        var noise = new Random(folder.Length);
        var rows = new List<Picture>();
        for (var c = 0; c < classes; c++)
        {
            var pattern = Enumerable.Range(0, Side * Side).Select(
                _ => new[] { random.Next(200), random.Next(200), random.Next(200) }).ToArray();
            for (var i = 0; i < PerClass; i++)
            {
                var path = PngFile.Write(_folder.File($"{folder}/{(char)('A' + c)}/{i}.png"), Side, (x, y) =>
                {
                    var bytes = Array.ConvertAll(pattern[(y * Side) + x], value => (byte)(value + noise.Next(50)));
                    return grey ? new SKColor(bytes[0], bytes[0], bytes[0]) : new SKColor(bytes[0], bytes[1], bytes[2]);
                });
                rows.Add(new Picture { Path = Path.GetRelativePath(_folder.Path, path), Label = ((char)('A' + c)).ToString() });
            }
        }

        return _ml.Data.LoadFromEnumerable(rows);
    }

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
    }
}
