using MLNetMeta.Trainers.Errors;
using SkiaSharp;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Decodes an image file and scales it to a fixed shape: values 0 to 1, channel by channel, each row by row.</summary>
internal static class PixelReader
{
    /// <exception cref="FormatException">
    /// The file is not an image, not a whole one, or has more pixels than allowed; the message names it.
    /// </exception>
    public static float[] Read(byte[] bytes, string file, ImageShape shape, ImageLimits limits)
    {
        using var image = Decode(bytes, file, limits) ?? throw TrainerThrow.NoImage(file);
        var pixels = image.Pixels;
        var result = new float[shape.Channels * shape.Height * shape.Width];
        Span<float> sum = stackalloc float[3];
        for (var y = 0; y < shape.Height; y++)
        {
            var (top, bottom) = Range(y, shape.Height, image.Height);
            for (var x = 0; x < shape.Width; x++)
            {
                var (left, right) = Range(x, shape.Width, image.Width);
                sum.Clear();
                for (var row = top; row < bottom; row++)
                {
                    for (var column = left; column < right; column++)
                    {
                        var pixel = pixels[(row * image.Width) + column];
                        sum[0] += pixel.Red;
                        sum[1] += pixel.Green;
                        sum[2] += pixel.Blue;
                    }
                }

                var area = 255f * (bottom - top) * (right - left);
                for (var channel = 0; channel < shape.Channels; channel++)
                {
                    var value = shape.Channels == 1 ? (sum[0] + sum[1] + sum[2]) / 3 : sum[channel];
                    result[(((channel * shape.Height) + y) * shape.Width) + x] = value / area;
                }
            }
        }

        return result;
    }

    /// <summary>Null unless the image is whole: SKBitmap.Decode takes half an image for one.</summary>
    private static SKBitmap? Decode(byte[] bytes, string file, ImageLimits limits)
    {
        using var data = SKData.CreateCopy(bytes);
        // Reads the header only.
        using var codec = SKCodec.Create(data);
        if (codec is null)
        {
            return null;
        }

        var info = codec.Info;
        if ((long)info.Height * info.Width > limits.MaximumPixels)
        {
            throw TrainerThrow.ImageTooLarge(
                file, $"{info.Height:N0} × {info.Width:N0} pixels", $"{limits.MaximumPixels:N0}", nameof(ImageLimits.MaximumPixels));
        }

        var image = new SKBitmap();
        if (!image.TryAllocPixels(info.WithAlphaType(info.AlphaType == SKAlphaType.Unpremul ? SKAlphaType.Premul : info.AlphaType)))
        {
            image.Dispose();
            throw TrainerThrow.NoMemoryForImage(file, info.Height, info.Width);
        }

        if (codec.GetPixels(image.Info, image.GetPixels()) == SKCodecResult.Success)
        {
            return image;
        }

        image.Dispose();
        return null;
    }

    /// <summary>The source pixels that one target pixel averages; at least one.</summary>
    private static (int From, int To) Range(int target, int targets, int sources)
    {
        var from = (int)((long)target * sources / targets);
        return (from, Math.Max(from + 1, (int)((target + 1L) * sources / targets)));
    }
}
