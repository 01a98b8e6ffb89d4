namespace MLNetMeta.Reproduce;

/// <summary>Scales the pixels of CIFAR's images: (value − mean) / deviation of their colour in CIFAR-10's training set.</summary>
internal static class CifarColours
{
    private const int Plane = CifarFile.Pixels / 3;

    private static readonly (float Mean, float Deviation)[] _colours = [(125.3f, 63f), (123f, 62.1f), (113.9f, 66.7f)];

    /// <param name="pixels">Any number of images: red, green and blue planes.</param>
    /// <param name="scaled">As long, or longer.</param>
    public static void Scale(ReadOnlySpan<byte> pixels, Span<float> scaled)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            var (mean, deviation) = _colours[i % CifarFile.Pixels / Plane];
            scaled[i] = (pixels[i] - mean) / deviation;
        }
    }
}
