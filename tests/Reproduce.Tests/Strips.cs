using SkiaSharp;

namespace MLNetMeta.Reproduce.Tests;

/// <summary>Generated strips of images, as CIFAR's are read from.</summary>
internal static class Strips
{
    /// <summary>Writes a picture.</summary>
    public static void Write(string path, int width, int height, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, colour(x, y));
            }
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(path, png.ToArray());
    }

    /// <summary>Writes images of stripes, whose width and colour make a class.</summary>
    public static void WriteClass(string path, int images, int number) => Write(
        path, 32, 32 * images, (x, y) => (x + (y / 32)) / (1 + (number % 5)) % 2 == 0
            ? new SKColor((byte)(40 + (6 * number)), 120, (byte)(y % 256))
            : new SKColor(10, (byte)(250 - (6 * number)), 90));

    /// <summary>Writes a small CIFAR-FS: 10 classes to train on, 5 to validate on and 5 to test on, 20 images of each.</summary>
    public static void WriteCifarFs(string folder)
    {
        var images = Directory.CreateDirectory(Path.Combine(folder, "images")).FullName;
        var classes = Enumerable.Range(0, 20).Select(
            i => (Name: $"class_{i}", Split: i < 10 ? "train" : i < 15 ? "val" : "test")).ToArray();
        File.WriteAllLines(
            Path.Combine(folder, "classes.csv"),
            classes.Select(c => $"{c.Name},any,{c.Split}").Prepend("class,superclass,cifar_fs_split"));
        for (var i = 0; i < classes.Length; i++)
        {
            WriteClass(Path.Combine(images, $"{classes[i].Name}_train0.png"), 20, i);
        }
    }
}
