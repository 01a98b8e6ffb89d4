namespace MLNetMeta.Trainers;

/// <summary>How the meta-learning rate changes over the meta-steps.</summary>
public enum LearningRateSchedule
{
    /// <summary>The rate is constant.</summary>
    Constant,

    /// <summary>The rate falls to 0 along half a cosine (Loshchilov and Hutter, 2017).</summary>
    Cosine,

    /// <summary>The rate falls to 0 linearly.</summary>
    Linear,
}
