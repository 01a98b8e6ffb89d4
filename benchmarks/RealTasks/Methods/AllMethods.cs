using Microsoft.ML;

namespace MLNetMeta.RealTasks.Methods;

/// <summary>What is compared: this library with its defaults, and what a user would do without it.</summary>
internal static class AllMethods
{
    private static MetaGradientRule Rule { get; } = MetaGradientRule.Contrastive(strength: 0.1);

    public static IReadOnlyList<IMethod> Opponents { get; } =
    [
        new PooledTrees("LightGBM", PooledTrees.Adaptation.None),
        new PooledTrees("FastTree", PooledTrees.Adaptation.None),
        new PooledTrees("LightGBM", PooledTrees.Adaptation.Statistics),
        new PooledTrees("LightGBM", PooledTrees.Adaptation.Residual),
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

    public static IReadOnlyList<IMethod> Learners(string suffix, TrainingOptions training)
    {
        var synapse = new ComplexSynapseTrainer.Options { Tasks = new TaskColumn("Task"), Training = training, Rule = Rule, Compute = Compute.OnnxRuntime() };
        var dual = new DualSystemTrainer.Options { Tasks = new TaskColumn("Task"), Training = training, Rule = Rule, Compute = Compute.OnnxRuntime() };
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
