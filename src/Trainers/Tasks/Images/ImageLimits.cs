
namespace MLNetMeta.Trainers;

/// <summary>
/// Limits of loading images. All limits are checked before memory is allocated, so that a small file that unpacks to a huge one is refused.
/// The message names the file.
/// </summary>
public sealed record ImageLimits
{
    /// <summary>
    /// Maximum number of pixels of an image, height × width, at least 1. Reading takes about eight bytes of memory per pixel. Default 50
    /// million.
    /// </summary>
    public int MaximumPixels { get; init; } = 50_000_000;

    /// <summary>
    /// Maximum number of bytes of an image file, at least 1. In an archive, the unpacked size counts. Default 200 million.
    /// </summary>
    public int MaximumBytes { get; init; } = 200_000_000;

    /// <summary>Maximum number of images in a folder or an archive, at least 1. Default 10 million.</summary>
    public int MaximumFiles { get; init; } = 10_000_000;

    /// <summary>Maximum number of nested folders between the root and an image, at least 0. Default 32.</summary>
    public int MaximumDepth { get; init; } = 32;

    /// <exception cref="ArgumentOutOfRangeException">A limit is outside its range.</exception>
    internal void Validate()
    {
        AtLeast(MaximumPixels, 1, nameof(MaximumPixels));
        AtLeast(MaximumBytes, 1, nameof(MaximumBytes));
        AtLeast(MaximumFiles, 1, nameof(MaximumFiles));
        AtLeast(MaximumDepth, 0, nameof(MaximumDepth));

        static void AtLeast(int value, int minimum, string name)
        {
            if (value < minimum)
            {
                throw Throw.Option(name, value, $"at least {minimum}");
            }
        }
    }
}
