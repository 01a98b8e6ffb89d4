using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;
using static MLNetMeta.Transforms.Onnx.OnnxNodes;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>
/// ExtractPixels: which colours of an image in which order, with slot = colour · scale + offset. The transformer does not expose these
/// parameters. They are derived from its output for a few images. Only this file uses ML.NET's image package, which an app need not have:
/// nothing here runs without images.
/// </summary>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Columns of pixels.</param>
/// <param name="Channels">The colours in the order of the output: 0 red, 1 green, 2 blue, 3 alpha.</param>
/// <param name="IsInterleaved">Whether the colours of a pixel are neighbours, instead of one plane after the other.</param>
/// <param name="Scale">What a colour, 0 to 255, is multiplied by.</param>
/// <param name="Offset">What is added then.</param>
internal sealed record ImagePixels(int Height, int Width, ImmutableArray<int> Channels, bool IsInterleaved, double Scale, double Offset)
{
    private const int Colours = 4, Alpha = 3;
    private const double Tolerance = 1e-5;

    private static readonly bool[] _eitherWay = [true, false];

    private static bool IsOfImagePackage(string type, object instance) =>
        instance.GetType().FullName == "Microsoft.ML.Transforms.Image." + type;

    /// <summary>Asked by name, so that asking does not load the image package.</summary>
    public static bool IsImage(DataViewType type) => IsOfImagePackage(nameof(ImageDataViewType), type);

    /// <summary>Asked by name, so that asking does not load the image package.</summary>
    public static bool IsExtraction(object stage) => IsOfImagePackage(nameof(ImagePixelExtractingTransformer), stage);

    /// <summary>What explains the transformer's output; null when nothing does.</summary>
    public static ImagePixels? Read(PipelineStep step)
    {
        if (step.Source.Type is not ImageDataViewType { Height: > 0, Width: > 0 } image)
        {
            return null;
        }

        var (height, width) = (image.Height, image.Width);
        byte[][] pixels = [Draw(1), Draw(2), Draw(3)];
        double[][] made = [.. pixels.Select(bytes => Run(step, width, height, bytes))];
        var channels = made[0].Length / (height * width);
        var candidates =
            from order in Orders(channels)
            from interleaved in _eitherWay
            let layout = new ImagePixels(height, width, order, interleaved, 1, 0)
            select layout.Fit(pixels, made);
        return candidates.FirstOrDefault(candidate => candidate is not null);

        byte[] Draw(int seed)
        {
            var bytes = new byte[height * width * Colours];
            new Random(seed).NextBytes(bytes);
            return bytes;
        }
    }

    /// <summary>Declares the image as an input, <c>[rows, height, width, colours]</c> of uint8: red, green and blue, and alpha where it is
    /// used.</summary>
    public string Emit(PipelineGraph graph, PipelineStep step)
    {
        var colours = Channels.Contains(Alpha) ? Colours : Colours - 1;
        var value = graph.Input(OnnxValues.Tensor(step.Source.Name, TensorProto.Types.DataType.Uint8, "rows", Height, Width, colours));
        if (!Channels.SequenceEqual(Enumerable.Range(0, colours)))
        {
            value = graph.Nodes.Add(
                "Gather", [value, graph.Nodes.Integers([.. Channels.Select(channel => (long)channel)])], Int("axis", 3));
        }

        if (OnnxColumn.ItemType(step.Output.Type) == NumberDataViewType.Single)
        {
            var scaled = graph.Nodes.Add(
                "Mul", graph.Nodes.Cast(value, TensorProto.Types.DataType.Float), graph.Nodes.Floats([1], [(float)Scale]));
            value = Offset == 0 ? scaled : graph.Nodes.Add("Add", scaled, graph.Nodes.Floats([1], [(float)Offset]));
        }

        if (!IsInterleaved)
        {
            value = graph.Nodes.Add("Transpose", [value], Ints("perm", 0, 3, 1, 2));
        }

        return graph.Nodes.Flatten(value, Height * Width * Channels.Length);
    }

    /// <summary>This order with the scale and offset that explain all outputs; null when none do.</summary>
    private ImagePixels? Fit(byte[][] pixels, double[][] made)
    {
        var points = pixels.Zip(made).SelectMany(image => Order(image.First).Zip(image.Second)).ToArray();
        var (least, most) = (points.MinBy(point => point.First), points.MaxBy(point => point.First));
        var scale = (most.Second - least.Second) / Math.Max(1, most.First - least.First);
        var fit = this with { Scale = scale, Offset = least.Second - scale * least.First };
        var size = points.Max(point => Math.Abs(point.Second));
        return Array.TrueForAll(points, point => Math.Abs(fit.Scale * point.First + fit.Offset - point.Second) <= Tolerance * (1 + size))
            ? fit
            : null;
    }

    /// <summary>The colours of an image in the order of the output.</summary>
    private IEnumerable<byte> Order(byte[] pixels)
    {
        var count = Height * Width;
        return from slot in Enumerable.Range(0, count * Channels.Length)
               let pixel = IsInterleaved ? slot / Channels.Length : slot % count
               let channel = IsInterleaved ? slot % Channels.Length : slot / count
               select pixels[pixel * Colours + Channels[channel]];
    }

    /// <summary>All ways to take <paramref name="count"/> different colours one after the other.</summary>
    private static IEnumerable<ImmutableArray<int>> Orders(int count) => count == 0
        ? [[]]
        : Orders(count - 1).SelectMany(order => Enumerable.Range(0, Colours).Where(colour => !order.Contains(colour)).Select(order.Add));

    private static double[] Run(PipelineStep step, int width, int height, byte[] pixels) =>
        OnnxColumn.ItemType(step.Output.Type) == NumberDataViewType.Single
            ? [.. Run<float>(step, width, height, pixels).Select(slot => (double)slot)]
            : [.. Run<byte>(step, width, height, pixels).Select(slot => (double)slot)];

    private static T[] Run<T>(PipelineStep step, int width, int height, byte[] pixels) => ProbeRow.Run<T>(
        step.Stage, step.Input, step.Output, _ => MLImage.CreateFromPixels(width, height, MLPixelFormat.Rgba32, pixels));
}
