using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>
/// Shape of the images in a feature column. Pixels are stored channel by channel, each channel row by row, as <c>ExtractPixels</c> produces
/// them.
/// </summary>
/// <param name="Channels">Number of channels, at least 1: 1 for grey, 3 for colour.</param>
/// <param name="Height">Height in pixels, at least 1.</param>
/// <param name="Width">Width in pixels, at least 1.</param>
public sealed record ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Values of an image.</summary>
    internal int Pixels => Channels * Height * Width;

    /// <summary>Checks the sizes.</summary>
    /// <param name="option">The option that the shape is of.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    internal void Validate(string option)
    {
        var check = new OptionCheck(option);
        check.AtLeast(Channels, 1, nameof(Channels));
        check.AtLeast(Height, 1, nameof(Height));
        check.AtLeast(Width, 1, nameof(Width));
    }

    /// <summary>Checks that the rows are images of this shape.</summary>
    /// <param name="features">Values of a row.</param>
    /// <param name="column">The feature column.</param>
    /// <param name="owner">What has the shape, for the message.</param>
    /// <exception cref="InvalidOperationException">They are other images.</exception>
    internal void CheckRows(int features, string column, string owner)
    {
        if (features != Pixels)
        {
            throw TrainerThrow.OtherImageShape(column, features, owner, Channels, Height, Width);
        }
    }
}
