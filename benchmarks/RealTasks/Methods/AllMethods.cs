using Microsoft.ML;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>What is compared: this library with its defaults, and what a user would do without it.</summary>
internal static class AllMethods
{
    public static IReadOnlyList<IMethod> Opponents { get; } =
    [
        new PooledTrees("LightGBM", PooledTrees.Adaptation.None),
        new PooledTrees("FastTree", PooledTrees.Adaptation.None),
        new PooledTrees("LightGBM", PooledTrees.Adaptation.Rows),
        new PooledTrees("LightGBM", PooledTrees.Adaptation.Statistics),
        new PooledTrees("LightGBM", PooledTrees.Adaptation.Residual),
        new PooledRidge(),
        Logistic.Pooled,
        Logistic.PerTask,
        Logistic.AroundPooled,
        new TaskRidge(),
        new NearestNeighbours(),
        new MixedModel(),
        new GaussianProcess(),
    ];

    public static IReadOnlyList<IMethod> Ours { get; } = Learners("", new TrainingOptions());

    public static IReadOnlyList<IMethod> NotTrained { get; } = Learners(", not meta-trained", new TrainingOptions { Steps = 0 });

    /// <summary>The search over both learners, with what a user would leave it alone with.</summary>
    public static IMethod Auto(TimeSpan budget)
    {
        var options = new AutoTrainer.Options { Tasks = new TaskColumn("Task"), Budget = budget };
        return new MetaLearner(
            FormattableString.Invariant($"Auto, {budget.TotalMinutes:0.#} minutes"), ml => ml.MetaLearning().Regression.Auto(options),
            ml => ml.MetaLearning().Classification.Auto(options));
    }

    private static IReadOnlyList<IMethod> Learners(string suffix, TrainingOptions training)
    {
        var synapse = new ComplexSynapseTrainer.Options { Tasks = new TaskColumn("Task"), Training = training };
        var dual = new DualSystemTrainer.Options { Tasks = new TaskColumn("Task"), Training = training };
        return
        [
            new MetaLearner(
                $"complex synapse{suffix}", ml => ml.MetaLearning().Regression.ComplexSynapse(synapse),
                ml => ml.MetaLearning().Classification.ComplexSynapse(synapse)),
            new MetaLearner(
                $"dual system{suffix}", ml => ml.MetaLearning().Regression.DualSystem(dual),
                ml => ml.MetaLearning().Classification.DualSystem(dual)),
        ];
    }
}
