using MLNetMeta.Reproduce.Bandits;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>The agents' constants. Those of Thompson sampling are the published ones; those of the meta-trained agents were chosen on other seeds, each with a handful of trials.</summary>
internal static class WheelAgentSettings
{
    private const int Interval = 50;

    /// <summary>Full posterior (Riquelme et al., 2018).</summary>
    public static ThompsonPrior Linear { get; } = new(A0: 6, B0: 6, Strength: 0.25);

    /// <summary>Regressions on the last hidden layer (Ravi and Beatson, 2019).</summary>
    public static ThompsonPrior NeuralLinear { get; } = new(A0: 12, B0: 30, Strength: 23);

    /// <summary>NeuralLinear's network, trained from scratch: 50 updates every 20 pulls, in long runs less often, since the features of all pulls are computed anew.</summary>
    public static WheelLearner Untrained(Setting setting, int pulls) => new(
        Common(setting, new ComplexSynapseTrainer.Options { ConsolidationStrength = 0, LearnConsolidation = false, Rule = MetaGradientRule.Unrolled() }) with { Activation = Activation.Relu },
        0,
        new OnlineTraining(new RmsPropRule(), 0.003, Updates: Updates(setting, 50), Interval: Math.Max(20, pulls / 100), Rows: 64));

    public static WheelLearner Maml(Setting setting) => new(
        Common(setting, new ComplexSynapseTrainer.Options { ConsolidationStrength = 0, LearnConsolidation = false, Rule = MetaGradientRule.Unrolled() }) with
        {
            InnerOptimizer = Optimizer.Sgd(0.1), InnerSteps = 10, MetaOptimizer = Optimizer.Adam(0.01, epsilon: 1e-8),
        },
        64,
        new OnlineTraining(Optimizer.Sgd(0.1).Rule(), 0.1, Updates(setting, 40), Interval, Rows: 64));

    public static WheelLearner Synapse(Setting setting) => new(
        Common(setting, new ComplexSynapseTrainer.Options { ConsolidationStrength = 0.03 }) with { InnerOptimizer = _nesterov03, MetaOptimizer = Optimizer.Adam(0.01, epsilon: 1e-8) },
        64,
        new OnlineTraining(_nesterov03.Rule(), _nesterov03.LearningRate, Updates(setting, 40), Interval, Rows: 64));

    public static WheelLearner Dual(Setting setting) => new(
        Common(setting, new DualSystemTrainer.Options { ModulationPull = 0.03 }) with { InnerOptimizer = _nesterov1 },
        64,
        new OnlineTraining(_nesterov1.Rule(), _nesterov1.LearningRate, Updates(setting, 40), Interval, Rows: 64));

    private static readonly Optimizer _nesterov1 = Optimizer.Sgd(0.1, 0.9, nesterov: true);

    private static readonly Optimizer _nesterov03 = Optimizer.Sgd(0.03, 0.9, nesterov: true);

    private static MetaTrainingOptions Common(Setting setting, MetaTrainingOptions options) => options with
    {
        TaskColumnName = "Task",
        MissingTargets = true,
        HiddenUnits = [64, 64],
        SupportRows = 64,
        QueryRows = 64,
        InnerSteps = 15,
        NudgedSteps = 6,
        NudgingStrength = 0.5,
        MetaOptimizer = Optimizer.Adam(0.02, epsilon: 1e-8),
        MetaSteps = setting.Quick ? 3 : 1200,
        TasksPerMetaStep = 8,
        ValidationInterval = 50,
        ValidationTasks = setting.Quick ? 2 : 32,
        Seed = setting.Seed,
        NumberOfThreads = setting.Threads,
    };

    private static int Updates(Setting setting, int updates) => setting.Quick ? 2 : updates;
}
