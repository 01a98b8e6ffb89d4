namespace MLNetMeta.Trainers;

/// <summary>How the meta-learning rate changes over the meta-steps.</summary>
public enum MetaLearningRateSchedule
{
    /// <summary>It does not change.</summary>
    Constant,

    /// <summary>It falls to 0 along half a cosine (Loshchilov and Hutter, 2017).</summary>
    Cosine,

    /// <summary>It falls to 0 along a straight line.</summary>
    Linear,
}

internal static class MetaLearningRateSchedules
{
    /// <summary>The factor on the meta-learning rate at a step, counted from 0.</summary>
    public static double Factor(this MetaLearningRateSchedule schedule, int step, int steps)
    {
        var done = (double)step / steps;
        return schedule switch
        {
            MetaLearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * done)),
            MetaLearningRateSchedule.Linear => 1 - done,
            _ => 1,
        };
    }
}
