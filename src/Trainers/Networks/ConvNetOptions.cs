using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>Shape of the images in a feature column: channel by channel, each row by row, as <c>ExtractPixels</c> gives them.</summary>
/// <param name="Channels">Channels, at least 1: 1 for grey, 3 for colour.</param>
/// <param name="Height">Height in pixels, at least 1.</param>
/// <param name="Width">Width in pixels, at least 1.</param>
public sealed record ImageShape(int Channels, int Height, int Width);

/// <summary>What a convolutional network's activations are scaled by. All but <see cref="Transductive"/> look at one image only.</summary>
public enum ImageNormalization
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Mean and variance over all positions and channels of the image (Ba et al., 2016).</summary>
    Layer,

    /// <summary>Mean and variance over the positions, for each channel (Ulyanov et al., 2016).</summary>
    Instance,

    /// <summary>
    /// Mean and variance for each channel over all images that are scored together, as the batch normalisation of the MAML family (Finn et al., 2017) does: a prediction
    /// depends on the other queries. For comparison with published figures only: such a learner can be evaluated, and neither saved, exported nor adapted in an app.
    /// </summary>
    Transductive,
}

/// <summary>A convolutional network: blocks of a 3×3 convolution with padding 1, a normalisation and ReLU, then a linear readout.</summary>
/// <param name="Image">Shape of the images.</param>
public sealed record ConvNetOptions(ImageShape Image)
{
    /// <summary>Filters of each block, at least one block of at least one. Default 32, 32, 32, 32.</summary>
    public IReadOnlyList<int> Filters { get; init => field = ValueList.Of(value); } = ValueList.Of<int>([32, 32, 32, 32]);

    /// <summary>Stride of the convolutions, at least 1. Default 2, which halves the image in each block.</summary>
    public int Stride { get; init; } = 2;

    /// <summary>Side of the square windows of max-pooling after each block, which do not overlap; at least 1. Default 1 for no pooling. The literature's network has 2, and stride 1.</summary>
    public int Pooling { get; init; } = 1;

    /// <summary>How activations are normalised. Default <see cref="ImageNormalization.Layer"/>.</summary>
    public ImageNormalization Normalization { get; init; } = ImageNormalization.Layer;
}
