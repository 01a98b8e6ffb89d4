namespace MLNetMeta.Trainers;

/// <summary>Shape of the images in a feature column: channel by channel, each row by row, as <c>ExtractPixels</c> gives them.</summary>
/// <param name="Channels">Channels, at least 1: 1 for grey, 3 for colour.</param>
/// <param name="Height">Height in pixels, at least 1.</param>
/// <param name="Width">Width in pixels, at least 1.</param>
public sealed record ImageShape(int Channels, int Height, int Width);
