namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Changes of one group of options of any trainer that has it.</summary>
internal static class OptionChanges
{
    public static T WithTraining<T>(this T options, Func<TrainingOptions, TrainingOptions> change)
        where T : MetaTrainingOptions => options with { Training = change(options.Training) };

    public static T WithThreads<T>(this T options, int threads, int tasksPerShard = 2)
        where T : MetaTrainingOptions => options with { Compute = Compute.Torch(threads: threads, tasksPerShard: tasksPerShard) };

    public static T WithAdaptation<T>(this T options, Func<AdaptationOptions, AdaptationOptions> change)
        where T : MetaTrainingOptions => Change(
            options, inner =>
                inner with { Adaptation = change(inner.Adaptation) }, spiking => spiking with { Adaptation = change(spiking.Adaptation) });

    public static T WithRule<T>(this T options, MetaGradientRule rule)
        where T : MetaTrainingOptions => Change(options, inner => inner with { Rule = rule }, spiking => spiking with { Rule = rule });

    public static T WithCoverage<T>(this T options, double coverage)
        where T : MetaTrainingOptions => Change(
            options, inner => inner with { IntervalCoverage = coverage }, spiking => spiking with { IntervalCoverage = coverage });

    public static T WithTasks<T>(this T options, FewShotTasks tasks)
        where T : MetaTrainingOptions =>
            Change(options, inner => inner with { Tasks = tasks }, spiking => spiking with { Tasks = (TaskColumn)tasks });

    /// <summary>Hidden units, or neurons of a spiking network.</summary>
    public static T WithUnits<T>(this T options, params int[] units)
        where T : MetaTrainingOptions => Change(
            options, inner => inner with { Network = new MultilayerPerceptron { HiddenUnits = units } },
            spiking => spiking with { Network = spiking.Network with { Neurons = units[0] } });

    private static T Change<T>(
        T options, Func<InnerLoopOptions, MetaTrainingOptions> inner, Func<SpikingNetworkTrainer.Options, MetaTrainingOptions> spiking)
        where T : MetaTrainingOptions => (T)(options switch
        {
            InnerLoopOptions o => inner(o),
            SpikingNetworkTrainer.Options o => spiking(o),
            _ => throw new NotSupportedException($"Say here how to change {options.GetType()}."),
        });
}
