namespace MLNetMeta.Trainers.Tasks;

/// <summary>A row of the data views that images are loaded into.</summary>
internal sealed class LabelledImage
{
    public string Label { get; set; } = "";

    public float[] Features { get; set; } = [];

    /// <summary>The image turned by quarter turns, counter-clockwise; the shape is square.</summary>
    public LabelledImage Rotated(int quarterTurns, ImageShape shape)
    {
        var pixels = Features;
        for (var turn = 0; turn < quarterTurns; turn++)
        {
            pixels = Turn(pixels, shape);
        }

        return new LabelledImage { Label = quarterTurns == 0 ? Label : $"{Label}/rotated{90 * quarterTurns}", Features = pixels };
    }

    private static float[] Turn(float[] pixels, ImageShape shape)
    {
        var (side, turned) = (shape.Width, new float[pixels.Length]);
        for (var i = 0; i < pixels.Length; i++)
        {
            var (channel, position) = (i / (side * side), i % (side * side));
            var (y, x) = (position / side, position % side);
            turned[(channel * side * side) + ((side - 1 - x) * side) + y] = pixels[i];
        }

        return turned;
    }
}
