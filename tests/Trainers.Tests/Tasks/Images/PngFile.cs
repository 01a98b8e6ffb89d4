using SkiaSharp;

namespace MLNetMeta.Trainers.Tests.Tasks;

/// <summary>Pictures for tests.</summary>
internal static class PngFile
{
    /// <summary>Writes a square picture, pixel by pixel, and the folder that it is in.</summary>
    public static string Write(string path, int side, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(side, side);
        for (var i = 0; i < side * side; i++)
        {
            bitmap.SetPixel(i % side, i / side, colour(i % side, i / side));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = File.Create(path);
        bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);
        return path;
    }
}
