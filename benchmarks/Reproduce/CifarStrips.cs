using SkiaSharp;

namespace MLNetMeta.Reproduce;

/// <summary>CIFAR's images in PNG files, one below the other: image i is rows 32 i to 32 i + 31 of a picture 32 pixels wide.</summary>
internal static class CifarStrips
{
    private const int Side = 32;

    private const string Train = "train", Test = "test";

    /// <summary>Whether a folder has CIFAR-10 as strips: folders train and test.</summary>
    public static bool AreIn(string folder) =>
        Directory.Exists(Path.Combine(folder, Train)) && Directory.Exists(Path.Combine(folder, Test));

    /// <summary>Number of images in a strip; reads its header only.</summary>
    /// <exception cref="FormatException">Not a strip.</exception>
    public static int Count(string path)
    {
        using var codec = Open(path);
        return codec.Info.Height / Side;
    }

    /// <summary>Pixels of the images of a strip as in <see cref="CifarFile"/>: red, green and blue planes of 32 × 32, row-major.</summary>
    /// <exception cref="FormatException">The file is missing, not a whole picture, or not a strip.</exception>
    public static byte[] Read(string path)
    {
        using var codec = Open(path);
        using var strip = new SKBitmap(new SKImageInfo(Side, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));

        // SKBitmap.Decode takes half a picture for a whole one.
        if (codec.GetPixels(strip.Info, strip.GetPixels()) != SKCodecResult.Success)
        {
            throw new FormatException($"'{path}' is not a whole picture: it is damaged or truncated.");
        }

        ReadOnlySpan<byte> values = strip.GetPixelSpan();
        const int plane = Side * Side;
        var pixels = new byte[strip.Height / Side * CifarFile.Pixels];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (image, inside) = (i / CifarFile.Pixels, i % CifarFile.Pixels);
            pixels[i] = values[(((image * plane) + (inside % plane)) * 4) + (inside / plane)];
        }

        return pixels;
    }

    /// <summary>
    /// Labels and pixels of the training and of the test set. Files are named CLASS_NUMBER.png; classes are numbered in the order of their
    /// names, as CIFAR-10's own.
    /// </summary>
    /// <exception cref="FormatException">A set has no strips, the sets have other classes, or a file is not a strip.</exception>
    public static (int[] Labels, byte[] Pixels)[] ReadSets(string folder)
    {
        var (train, test) = (Files(Path.Combine(folder, Train)), Files(Path.Combine(folder, Test)));
        string[] classes = [.. train.Select(c => c.Key).Order(StringComparer.Ordinal)];
        string[] tested = [.. test.Select(c => c.Key).Order(StringComparer.Ordinal)];
        if (!classes.SequenceEqual(tested))
        {
            throw new FormatException(
                $"The sets in '{folder}' have other classes: {string.Join(", ", classes)} to train, and {string.Join(", ", tested)} to "
                + "test.");
        }

        return [Of(train), Of(test)];

        (int[] Labels, byte[] Pixels) Of(ILookup<string, string> files)
        {
            var (labels, pixels) = (new List<int>(), new List<byte>());
            for (var label = 0; label < classes.Length; label++)
            {
                foreach (var file in files[classes[label]])
                {
                    var strip = Read(file);
                    labels.AddRange(Enumerable.Repeat(label, strip.Length / CifarFile.Pixels));
                    pixels.AddRange(strip);
                }
            }

            return ([.. labels], [.. pixels]);
        }
    }

    /// <summary>The strips of a folder by class, in the order of their names.</summary>
    private static ILookup<string, string> Files(string folder)
    {
        var files = Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal).ToLookup(file =>
        {
            var name = Path.GetFileNameWithoutExtension(file);
            return name.LastIndexOf('_') is > 0 and var end ? name[..end] : name;
        });
        return files.Count > 0 ? files : throw new FormatException($"'{folder}' has no strips: expected files CLASS_NUMBER.png.");
    }

    private static SKCodec Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FormatException($"There is no file '{path}'.");
        }

        using var data = SKData.CreateCopy(File.ReadAllBytes(path));
        var codec = SKCodec.Create(data) ?? throw new FormatException($"'{path}' cannot be decoded as a picture.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width == Side && height > 0 && height % Side == 0)
        {
            return codec;
        }

        codec.Dispose();
        throw new FormatException(
            $"'{path}' is {width} pixels wide and {height} high: expected {Side} wide and a multiple of {Side} high, one image of CIFAR "
            + "below the other.");
    }
}
