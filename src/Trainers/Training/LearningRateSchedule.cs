namespace MLNetMeta.Trainers;

/// <summary>How the meta-learning rate changes over the meta-steps.</summary>
public enum LearningRateSchedule
{
    /// <summary>It does not change.</summary>
    Constant,

    /// <summary>It falls to 0 along half a cosine (Loshchilov and Hutter, 2017).</summary>
    Cosine,

    /// <summary>It falls to 0 along a straight line.</summary>
    Linear,
}
