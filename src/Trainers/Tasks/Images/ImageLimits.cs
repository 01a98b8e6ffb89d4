
namespace MLNetMeta.Trainers;

/// <summary>
/// What loading images may cost. All of it is checked before memory is taken, so that a small
/// file which unfolds to a giant one is refused, by name.
/// </summary>
public sealed record ImageLimits
{
    /// <summary>
    /// Most pixels of an image, height × width, at least 1. Default 50 million; reading takes about eight bytes of memory for each.
    /// </summary>
    public int MaximumPixels { get; init; } = 50_000_000;

    /// <summary>Most bytes of an image file, unpacked where it is in an archive; at least 1. Default 200 million.</summary>
    public int MaximumBytes { get; init; } = 200_000_000;

    /// <summary>Most images of a folder or an archive, at least 1. Default 10 million.</summary>
    public int MaximumFiles { get; init; } = 10_000_000;

    /// <summary>Most folders on the way from the root to an image, at least 0. Default 32.</summary>
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
