using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers;

/// <summary>
/// Random variants of the images that a learner is meta-trained on: shifted and mirrored, drawn anew for every training task. Validation
/// tasks, and images in an app, stay as they are.
/// </summary>
/// <remarks>
/// For photographs and other images whose class does not depend on position or side. Mirrored letters are other letters. A variant is
/// drawn for each image of a task from the generator of that task, so that results do not depend on threads.
/// </remarks>
/// <example>
/// <code>
/// var training = new TrainingOptions
/// {
///     Augmentation = new ImageAugmentation(new ImageShape(3, 32, 32)) { MaximumShift = 4, Mirror = true },
/// };
/// </code>
/// </example>
public sealed record ImageAugmentation
{
    /// <summary>No change, before the options are set.</summary>
    /// <param name="image">Shape of the images in the feature column.</param>
    public ImageAugmentation(ImageShape image) => Image = image;

    /// <summary>Shape of the images in the feature column.</summary>
    public ImageShape Image { get; init; }

    /// <summary>
    /// Largest shift in pixels to each side, at least 0 and less than the height and the width. All shifts up to it, in both directions,
    /// are equally likely. Pixels that come in from outside are 0. Default 0.
    /// </summary>
    public int MaximumShift { get; init; }

    /// <summary>Whether an image is mirrored left to right with probability ½. Default false.</summary>
    public bool Mirror { get; init; }

    internal void Validate()
    {
        var check = new OptionCheck("Training.Augmentation");
        check.NotNull(Image, nameof(Image));
        Image.Validate("Training.Augmentation.Image");
        var side = Math.Min(Image.Height, Image.Width);
        check.Within(
            MaximumShift, MaximumShift >= 0 && MaximumShift < side, nameof(MaximumShift),
            $"at least 0 and less than {side}, the shorter side of the images");
    }

    /// <exception cref="InvalidOperationException">The rows are other images.</exception>
    internal void CheckRows(int features, string column) => Image.CheckRows(features, column, "augmentation");

    /// <summary>Puts a variant of each image in its place.</summary>
    /// <param name="images">The images, one after the other.</param>
    /// <param name="random">What draws the variants.</param>
    internal void Vary(Span<float> images, Random random)
    {
        var original = new float[Image.Pixels];
        for (; images.Length > 0; images = images[original.Length..])
        {
            var down = random.Next(-MaximumShift, MaximumShift + 1);
            var right = random.Next(-MaximumShift, MaximumShift + 1);
            var isMirrored = Mirror && random.Next(2) == 1;
            images[..original.Length].CopyTo(original);
            Draw(original, images, down, right, isMirrored);
        }
    }

    internal string Describe() => FormattableString.Invariant(
        $"shift {MaximumShift}{(Mirror ? ", mirror" : "")} of {Image.Channels}x{Image.Height}x{Image.Width}");

    private void Draw(ReadOnlySpan<float> original, Span<float> variant, int down, int right, bool isMirrored)
    {
        var (height, width) = (Image.Height, Image.Width);
        var (from, to, length) = (Math.Max(0, -right), Math.Max(0, right), width - Math.Abs(right));
        for (var row = 0; row < Image.Channels * height; row++)
        {
            var line = variant.Slice(row * width, width);
            line.Clear();
            var (plane, source) = (row / height * height, (row % height) - down);
            if (source >= 0 && source < height)
            {
                original.Slice(((plane + source) * width) + from, length).CopyTo(line[to..]);
                if (isMirrored)
                {
                    line.Reverse();
                }
            }
        }
    }
}
