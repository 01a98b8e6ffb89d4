namespace MLNetMeta.Trainers;

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
    /// Mean and variance for each channel over all images that are scored together, as the batch normalisation of the MAML family (Finn et
    /// al., 2017) does: a prediction depends on the other queries. For comparison with published figures only: such a learner can be
    /// evaluated, and neither saved, exported nor adapted in an app.
    /// </summary>
    Transductive,
}
