namespace MLNetMeta.Trainers.Training;

/// <summary>What a <see cref="LearningRateSchedule"/> does to the rate.</summary>
internal static class LearningRateSchedules
{
    /// <summary>The factor on the meta-learning rate at a step, counted from 0.</summary>
    public static double Factor(this LearningRateSchedule schedule, int step, int steps)
    {
        var done = (double)step / steps;
        return schedule switch
        {
            LearningRateSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * done)),
            LearningRateSchedule.Linear => 1 - done,
            _ => 1,
        };
    }
}
