using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms.Image;
using MLNetMeta.Testing;
using Xunit;
using static Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A pipeline over images in one ONNX file: pixels in, ML.NET's own predictions out.</summary>
public sealed class PipelineImageTests
{
    private const int Height = 4, Width = 3;

    // Scales and offsets are measured in float32.
    private const float Float32Tolerance = 1e-4f;

    private readonly MLContext _ml = new(1);
    private readonly Row[] _rows = [.. Enumerable.Range(0, 12).Select(i => new Row { Seed = i, Kind = i % 2 == 0 ? "dark" : "light" })];

    [Theory]
    [InlineData(ColorBits.Rgb, ColorsOrder.ARGB, false, 0, 1 / 255f)]
    [InlineData(ColorBits.Rgb, ColorsOrder.ARGB, true, 127.5f, 1 / 127.5f)]
    [InlineData(ColorBits.Rgb, ColorsOrder.ABGR, false, 117, 0.017f)]
    [InlineData(ColorBits.All, ColorsOrder.ARGB, true, 0, 0.01f)]
    [InlineData(ColorBits.All, ColorsOrder.ABGR, false, -3, 0.01f)]
    [InlineData(ColorBits.Green, ColorsOrder.ARGB, false, 10, 0.02f)]
    public void SaveAsOnnx_ExtractPixels_PredictsWhatMLNetPredicts(
        ColorBits colours, ColorsOrder order, bool interleaved, float offset, float scale) =>
        AssertSame(_ml.Transforms.ExtractPixels(
            "Features", nameof(Row.Picture), colours, order, interleaved, offset, scale),
            nameof(Row.Picture), colours == ColorBits.All ? 4 : 3);

    [Fact]
    public void SaveAsOnnx_PixelsAsBytes_AreConvertedInTheFile() => AssertSame(
        _ml.Transforms.ExtractPixels("Bytes", nameof(Row.Picture), orderOfExtraction: ColorsOrder.ABGR, outputAsFloatArray: false)
            .Append(_ml.Transforms.Conversion.ConvertType("Raw", "Bytes"))
            .Append(_ml.Transforms.NormalizeMinMax("Features", "Raw")), nameof(Row.Picture), 3);

    [Fact]
    public void SaveAsOnnx_ResizedImages_StartsAtTheResized() => AssertSame(
        _ml.Transforms.ResizeImages("Small", 2, 2, nameof(Row.Picture))
            .Append(_ml.Transforms.ExtractPixels("Features", "Small", interleavePixelColors: true, scaleImage: 0.01f)), "Small", 3);

    private void AssertSame(IEstimator<ITransformer> upstream, string image, int colours)
    {
        var data = _ml.Data.LoadFromEnumerable(_rows);
        var width = ((VectorDataViewType)upstream.Fit(data).GetOutputSchema(data.Schema)["Features"].Type).Size;
        using var learner = new TinyLearner { Features = width, Rate = 0.05f, Steps = 10 }.Load();
        using var model = upstream
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Kind)))
            .Append(_ml.MetaLearning().FewShot(learner)).Fit(data);
        using var stream = new MemoryStream();

        _ml.MetaLearning().SaveAsOnnx(model, data.Schema, stream);

        using var session = new InferenceSession(stream.ToArray());
        Assert.Equal([image], session.InputNames);
        var scored = model.Transform(data);
        var (pixels, shape) = Pixels(scored, image, colours);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, shape);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [image], [input], ["Score"]);
        var scores = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        Assert.Equal(_rows.Length * 2, scores.Length);
        Assert.All(scored.GetColumn<float[]>("Score").SelectMany(row => row).Zip(scores), pair =>
            Assert.Equal(pair.First, pair.Second, Float32Tolerance));
    }

    /// <summary>The pixels of all rows as <c>[rows, height, width, colours]</c>.</summary>
    private static (byte[] Pixels, long[] Shape) Pixels(IDataView view, string image, int colours)
    {
        var pixels = new List<byte>();
        long[] shape = [0, 0, 0, colours];
        using var cursor = view.GetRowCursor([view.Schema[image]]);
        var read = cursor.GetGetter<MLImage>(view.Schema[image]);
        while (cursor.MoveNext())
        {
            MLImage value = null!;
            read(ref value);
            shape = [shape[0] + 1, value.Height, value.Width, colours];
            var red = value.PixelFormat == MLPixelFormat.Rgba32 ? 0 : 2;
            for (var at = 0; at < value.Pixels.Length; at += 4)
            {
                byte[] rgba = [value.Pixels[at + red], value.Pixels[at + 1], value.Pixels[at + 2 - red], value.Pixels[at + 3]];
                pixels.AddRange(rgba[..colours]);
            }
        }

        return ([.. pixels], shape);
    }

    private sealed class Row
    {
        [NoColumn]
        public int Seed { get; set; }

        /// <summary>Anew each time: ML.NET disposes what it has read.</summary>
        [ImageType(Height, Width)]
        public MLImage Picture
        {
            get
            {
                var pixels = new byte[Height * Width * 4];
                new Random(Seed).NextBytes(pixels);
                for (var at = 0; at < pixels.Length; at++)
                {
                    pixels[at] = (byte)(at % 4 == 3 ? 255 : Seed % 2 == 0 ? pixels[at] / 2 : pixels[at]);
                }

                return MLImage.CreateFromPixels(Width, Height, MLPixelFormat.Rgba32, pixels);
            }
            set => throw new NotSupportedException($"{value}");
        }

        public string Kind { get; set; } = "";
    }
}
