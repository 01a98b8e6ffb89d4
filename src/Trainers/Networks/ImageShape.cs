namespace MLNetMeta.Trainers;

/// <summary>
/// Shape of the images in a feature column. Pixels are stored channel by channel, each channel row by row, as <c>ExtractPixels</c> produces
/// them.
/// </summary>
/// <param name="Channels">Number of channels, at least 1: 1 for grey, 3 for colour.</param>
/// <param name="Height">Height in pixels, at least 1.</param>
/// <param name="Width">Width in pixels, at least 1.</param>
public sealed record ImageShape(int Channels, int Height, int Width);
