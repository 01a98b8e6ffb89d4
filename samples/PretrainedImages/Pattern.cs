using Microsoft.ML.Data;

namespace MLNetMeta.Samples;

/// <summary>Invented pictures, where there are none.</summary>
internal static class Pattern
{
    private const int Side = 64;

    public static Picture Draw(string label, int number, int seed)
    {
        // The class: two colours, a direction, a width, stripes or dots. The picture: shifted, a little turned, and noisy.
        var ofClass = new Random(HashOf(label) ^ seed);
        byte[] one = Colour(ofClass), other = Colour(ofClass);
        var (angle, width, isDotted) = (Math.PI * ofClass.NextDouble(), 4 + (12 * ofClass.NextDouble()), ofClass.Next(2) == 0);
        var random = new Random((HashOf(label) * 31) + number + seed);
        angle += 0.2 * (random.NextDouble() - 0.5);
        var (shiftX, shiftY) = (Side * random.NextDouble(), Side * random.NextDouble());
        var pixels = new byte[Side * Side * 4];
        for (var i = 0; i < Side * Side; i++)
        {
            var (x, y) = ((i % Side) + shiftX, (i / Side) + shiftY);
            var (u, v) = ((x * Math.Cos(angle)) + (y * Math.Sin(angle)), (y * Math.Cos(angle)) - (x * Math.Sin(angle)));
            var isOne = Math.Sin(2 * Math.PI * u / width) > 0 && (!isDotted || Math.Sin(2 * Math.PI * v / width) > 0);
            for (var channel = 0; channel < 3; channel++)
            {
                pixels[(4 * i) + channel] = (byte)Math.Clamp((isOne ? one : other)[channel] + random.Next(-40, 41), 0, 255);
            }

            pixels[(4 * i) + 3] = 255;
        }

        return new Picture { Label = label, Image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Rgba32, pixels) };
    }

    // string.GetHashCode differs from run to run.
    private static int HashOf(string text) => text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));

    private static byte[] Colour(Random random)
    {
        var colour = new byte[3];
        random.NextBytes(colour);
        return colour;
    }
}
