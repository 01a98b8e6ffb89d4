using Microsoft.ML;
using MLNetMeta.Testing;
using MLNetMeta.Transforms;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Meta-trainings of few steps, in milliseconds: enough for everything but learning.</summary>
internal static class TinyTraining
{
    /// <summary>Learners of every task.</summary>
    public static TheoryData<string> Learners => ["ComplexSynapse", "DualSystem"];

    /// <summary>Learners of regressions.</summary>
    public static TheoryData<string> RegressionLearners => [.. Learners, "SpikingNetwork"];

    /// <summary>Options of a learner; of episodes, but for those that know none.</summary>
    public static MetaTrainingOptions Options(string learner) => (learner switch
    {
        "ComplexSynapse" => InnerLoop(new ComplexSynapseTrainer.Options()),
        "DualSystem" => InnerLoop(new DualSystemTrainer.Options()),
        "SpikingNetwork" => (MetaTrainingOptions)Spiking,
        _ => throw new NotSupportedException($"Say here what the options of {learner} are."),
    }) with
    {
        Training = new() { Steps = 6, TasksPerStep = 4, ValidationInterval = 2, ValidationTasks = 4, Seed = 1 },
        Compute = Compute.Torch(threads: 2, tasksPerShard: 2),
    };

    /// <summary>Options for a regression over <see cref="ManyTasks"/>.</summary>
    public static MetaTrainingOptions OfRegression(string learner = "ComplexSynapse") => Options(learner).WithTasks(Tasks);

    /// <summary>Options for classes that all tasks share.</summary>
    public static MetaTrainingOptions OfSharedLabels(string learner = "ComplexSynapse") =>
        OfRegression(learner) with { LabelColumnName = "Key" };

    /// <summary>Those of <see cref="OfRegression"/> for a learner that descends in a layered network.</summary>
    public static InnerLoopOptions Descending(string learner = "ComplexSynapse") => (InnerLoopOptions)OfRegression(learner);

    /// <summary>The tasks of <see cref="ManyTasks"/>.</summary>
    public static TaskColumn Tasks { get; } = new("Task") { SupportRows = 5, QueryRows = 4 };

    private static SpikingNetworkTrainer.Options Spiking => new()
    {
        Tasks = Tasks,
        Network = new() { Neurons = 6, Encoding = new PopulationCode { Neurons = 8, Width = 0.1 }, TimeSteps = 6 },
        Adaptation = new() { Optimizer = Optimizer.Adam(1e-3), Steps = 4 },
        Rule = MetaGradientRule.Contrastive(strength: 3, nudgedSteps: 3, nudgedOptimizer: Optimizer.Adam(3e-3)),
    };

    private static InnerLoopOptions InnerLoop(InnerLoopOptions options) => options with
    {
        Tasks = new Episodes { Ways = 3, Shots = 2, QueryRows = 4 },
        Network = new MultilayerPerceptron { HiddenUnits = [6] },
        Adaptation = new() { Steps = 4 },
        Rule = MetaGradientRule.Contrastive(nudgedSteps: 3),
    };

    public static IEstimator<LearnerTransformer> Trainer(MLContext ml, MetaTask task, MetaTrainingOptions options) => (task, options) switch
    {
        (MetaTask.Classification, ComplexSynapseTrainer.Options synapse) => ml.MetaLearning().Classification.ComplexSynapse(synapse),
        (MetaTask.Classification, DualSystemTrainer.Options dual) => ml.MetaLearning().Classification.DualSystem(dual),
        (MetaTask.Regression, ComplexSynapseTrainer.Options synapse) => ml.MetaLearning().Regression.ComplexSynapse(synapse),
        (MetaTask.Regression, DualSystemTrainer.Options dual) => ml.MetaLearning().Regression.DualSystem(dual),
        (MetaTask.Regression, SpikingNetworkTrainer.Options spiking) => ml.MetaLearning().Regression.SpikingNetwork(spiking),
        _ => throw new NotSupportedException($"Say here how to create a trainer with {options.GetType()}."),
    };

    /// <summary>A learner meta-trained on sinusoids.</summary>
    public static Learner Regression(MetaTrainingOptions options, IReadOnlyList<ManyTasks.Row>? rows = null)
    {
        var ml = new MLContext(1);
        return Trainer(ml, MetaTask.Regression, options).Fit(ManyTasks.View(ml, rows ?? ManyTasks.Sinusoids(10, 12))).Learner;
    }

    public static Learner SharedLabels(MetaTrainingOptions options)
    {
        var ml = new MLContext(1);
        return Trainer(ml, MetaTask.Classification, options).Fit(ManyTasks.View(ml, ManyTasks.Sinusoids(10, 12))).Learner;
    }

    public static string[] Letters { get; } = [.. Enumerable.Range(0, 8).Select(i => ((char)('A' + i)).ToString())];

    public static Learner Episodes(MetaTrainingOptions options)
    {
        var ml = new MLContext(1);
        return Trainer(ml, MetaTask.Classification, options).Fit(Blobs.KeyedView(ml, Blobs.Classes(Letters, 8))).Learner;
    }
}
