namespace MLNetMeta.Trainers;

/// <summary>
/// How the activations of a convolutional network are normalised. All except <see cref="Transductive"/> use one image only.
/// </summary>
public enum ImageNormalization
{
    /// <summary>No normalisation.</summary>
    None,

    /// <summary>Mean and variance over all positions and channels of the image (Ba et al., 2016).</summary>
    Layer,

    /// <summary>Mean and variance over the positions, for each channel (Ulyanov et al., 2016).</summary>
    Instance,

    /// <summary>
    /// Mean and variance for each channel over all images that are scored together, like the batch normalisation of the MAML family (Finn
    /// et al., 2017). A prediction then depends on the other queries. Only for comparison with published results: such a learner can be
    /// evaluated, but it cannot be saved, exported, or adapted in an app.
    /// </summary>
    Transductive,
}
