using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Networks;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>
/// A convolutional network for images: blocks of a 3×3 convolution with padding 1, a normalisation and ReLU, then a linear readout.
/// </summary>
/// <example>
/// <code>
/// // Four blocks for colour images of 32 × 32 pixels.
/// var network = new ConvolutionalNetwork(new ImageShape(3, 32, 32)) { Filters = [64, 64, 64, 64], Stride = 1, Pooling = 2 };
/// </code>
/// </example>
public sealed record ConvolutionalNetwork : NetworkOptions
{
    /// <summary>A convolutional network with the default blocks.</summary>
    /// <param name="image">Shape of the images in the feature column.</param>
    public ConvolutionalNetwork(ImageShape image) => Image = image;

    /// <summary>Shape of the images in the feature column.</summary>
    public ImageShape Image { get; init; }

    /// <summary>Number of filters of each block, each at least 1; at least one block. Default 32, 32, 32, 32.</summary>
    public IReadOnlyList<int> Filters { get; init => field = ValueList.Of(value); } = ValueList.Of<int>([32, 32, 32, 32]);

    /// <summary>Stride of the convolutions, at least 1. Default 2, which halves the image in each block.</summary>
    public int Stride { get; init; } = 2;

    /// <summary>
    /// Side of the square, non-overlapping max-pooling windows after each block, at least 1. Default 1, which means no pooling. The usual
    /// network in the literature has pooling 2 and stride 1.
    /// </summary>
    public int Pooling { get; init; } = 1;

    /// <summary>How activations are normalised. Default <see cref="ImageNormalization.Layer"/>.</summary>
    public ImageNormalization Normalization { get; init; } = ImageNormalization.Layer;

    internal override bool IsTransductive => Normalization == ImageNormalization.Transductive;

    internal override void Validate()
    {
        Check.NotNull(Image, nameof(Image));
        Image.Validate("Network.Image");
        Check.NotNull(Filters, nameof(Filters));
        Check.Within(Filters.Count, Filters.Count >= 1, $"{nameof(Filters)}.Count", "at least 1");
        foreach (var filters in Filters)
        {
            Check.AtLeast(filters, 1, nameof(Filters));
        }

        Check.AtLeast(Stride, 1, nameof(Stride));
        Check.AtLeast(Pooling, 1, nameof(Pooling));
        var (height, width) = (Image.Height, Image.Width);
        foreach (var _ in Filters)
        {
            (height, width) = (AfterBlock(height), AfterBlock(width));
        }

        Check.Within(Pooling, height > 0 && width > 0, nameof(Pooling),
            $"small enough for {Filters.Count} blocks of stride {Stride} on images of {Image.Height} × {Image.Width} pixels");
        Check.Defined(Normalization, nameof(Normalization));

        int AfterBlock(int side) => (((side - 1) / Stride) + 1) / Pooling;
    }

    internal override Network WithReadout(int features, string featureColumnName, int? outputs)
    {
        Image.CheckRows(features, featureColumnName, "network");
        return new Network(new ConvNet(this), outputs);
    }
}
