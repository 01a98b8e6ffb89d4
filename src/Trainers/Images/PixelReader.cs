using SkiaSharp;

namespace MLNetMeta.Trainers.Images;

/// <summary>Decodes an image file and scales it to a fixed shape: values 0 to 1, channel by channel, each row by row.</summary>
internal static class PixelReader
{
    /// <exception cref="FormatException">The file is not an image, or not a whole one; the message names it.</exception>
    public static float[] Read(Func<Stream> open, string file, ImageShape shape)
    {
        using var image = Decode(Bytes(open, file)) ?? throw TrainerThrow.NoImage(file);
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

    /// <summary>The whole file, before it is decoded: an exception of the stream must not pass through the native decoder, which would end the process.</summary>
    private static byte[] Bytes(Func<Stream> open, string file)
    {
        try
        {
            using var stream = open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (InvalidDataException damage)
        {
            throw TrainerThrow.NoImage(file, damage);
        }
    }

    /// <summary>Null unless the image is whole: SKBitmap.Decode takes half an image for one.</summary>
    private static SKBitmap? Decode(byte[] bytes)
    {
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data);
        if (codec is null)
        {
            return null;
        }

        var image = new SKBitmap(codec.Info.WithAlphaType(codec.Info.AlphaType == SKAlphaType.Unpremul ? SKAlphaType.Premul : codec.Info.AlphaType));
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
        var from = target * sources / targets;
        return (from, Math.Max(from + 1, (target + 1) * sources / targets));
    }
}
