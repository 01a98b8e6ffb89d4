using MLNetMeta.Reproduce.Bandits;
using MLNetMeta.Trainers;

namespace MLNetMeta.Reproduce;

/// <summary>
/// The agents' constants. Those of Thompson sampling are the published ones; those of the meta-trained agents were chosen on other seeds,
/// each with a handful of trials.
/// </summary>
internal static class WheelAgentSettings
{
    private const int Interval = 50;

    /// <summary>Full posterior (Riquelme et al., 2018).</summary>
    public static ThompsonPrior Linear { get; } = new(A0: 6, B0: 6, Strength: 0.25);

    /// <summary>Regressions on the last hidden layer (Ravi and Beatson, 2019).</summary>
    public static ThompsonPrior NeuralLinear { get; } = new(A0: 12, B0: 30, Strength: 23);

    /// <summary>
    /// NeuralLinear's network, trained from scratch: 50 updates every 20 pulls, in long runs less often,
    /// since the features of all pulls are computed anew.
    /// </summary>
    public static WheelLearner Untrained(Setting setting, int pulls) => new(
        Common(setting, Unpulled) with { Network = new MultilayerPerceptron { HiddenUnits = [64, 64], Activation = Activation.Relu } },
        0,
        new OnlineTraining(new RmsPropRule(), 0.003, Updates: Updates(setting, 50), Interval: Math.Max(20, pulls / 100), Rows: 64));

    public static WheelLearner Maml(Setting setting) => new(
        Common(setting, Unpulled, Optimizer.Sgd(0.1), steps: 10, metaLearningRate: 0.01),
        64,
        new OnlineTraining(Optimizer.Sgd(0.1).Rule(), 0.1, Updates(setting, 40), Interval, Rows: 64));

    public static WheelLearner Synapse(Setting setting) => new(
        Common(
            setting, new ComplexSynapseTrainer.Options { ConsolidationStrength = 0.03, Rule = _contrastive }, _nesterov03,
            metaLearningRate: 0.01),
        64,
        new OnlineTraining(_nesterov03.Rule(), _nesterov03.LearningRate, Updates(setting, 40), Interval, Rows: 64));

    public static WheelLearner Dual(Setting setting) => new(
        Common(setting, new DualSystemTrainer.Options { ModulationPull = 0.03, Rule = _contrastive }, _nesterov1),
        64,
        new OnlineTraining(_nesterov1.Rule(), _nesterov1.LearningRate, Updates(setting, 40), Interval, Rows: 64));

    private static readonly Optimizer _nesterov1 = Optimizer.Sgd(0.1, 0.9, nesterov: true);

    private static readonly Optimizer _nesterov03 = Optimizer.Sgd(0.03, 0.9, nesterov: true);

    private static readonly MetaGradientRule _contrastive = MetaGradientRule.Contrastive(strength: 0.5, nudgedSteps: 6);

    private static ComplexSynapseTrainer.Options Unpulled => new()
    {
        ConsolidationStrength = 0, LearnConsolidation = false, Rule = MetaGradientRule.Unrolled(),
    };

    private static ConsolidationOptions Common(
        Setting setting, ConsolidationOptions options, Optimizer? inner = null, int steps = 15,
        double metaLearningRate = 0.02) => options with
    {
        Tasks = new TaskColumn("Task") { SupportRows = 64, QueryRows = 64 },
        MissingTargets = true,
        PullPerRow = false,
        Network = new MultilayerPerceptron { HiddenUnits = [64, 64] },
        Adaptation = new() { Optimizer = inner ?? options.Adaptation.Optimizer, Steps = steps },
        Training = new()
        {
            Optimizer = Optimizer.Adam(metaLearningRate, epsilon: 1e-8),
            Steps = setting.Quick ? 3 : 1200,
            TasksPerStep = 8,
            ValidationInterval = 50,
            Patience = null,
            ValidationTasks = setting.Quick ? 2 : 32,
            Seed = setting.Seed,
        },
        Compute = Compute.Torch(threads: setting.Threads),
    };

    private static int Updates(Setting setting, int updates) => setting.Quick ? 2 : updates;
}
