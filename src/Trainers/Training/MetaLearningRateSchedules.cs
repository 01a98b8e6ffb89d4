namespace MLNetMeta.Trainers.Training;

/// <summary>What a <see cref="MetaLearningRateSchedule"/> does to the rate.</summary>
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
