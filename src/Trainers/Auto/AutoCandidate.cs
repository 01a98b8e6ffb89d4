using MLNetMeta.Trainers.Estimators;
using MLNetMeta.Trainers.Learners;

namespace MLNetMeta.Trainers.Auto;

/// <summary>A learner with settings that the search tries.</summary>
/// <param name="Name">In words.</param>
/// <param name="Options">The options of its trainer.</param>
internal sealed record AutoCandidate(string Name, InnerLoopOptions Options)
{
    /// <summary>Most meta-steps of a candidate.</summary>
    public const int MostSteps = 2700;

    private static readonly int[] _widths = [32, 64, 128];
    private static readonly double[] _strengths = [0.5, 1.5, 5, 15];
    private static readonly double[] _rates = [0.003, 0.01];
    private static readonly int[] _steps = [25, 50, 100];

    /// <summary>Candidates without end: the defaults of both learners, then random ones that are none of those before.</summary>
    /// <param name="common">What all have in common.</param>
    /// <param name="random">Draws them.</param>
    public static IEnumerable<AutoCandidate> All(AutoTrainer.Options common, Random random)
    {
        var seen = new HashSet<(bool, int, double, double, int)>();
        var all = 2 * _widths.Length * _strengths.Length * _rates.Length * _steps.Length;
        (bool IsDual, int Width, double Strength, double Rate, int Steps)[] first =
            [(false, 64, 5, 0.01, 50), (true, 64, 5, 0.01, 50), (false, 64, 0.5, 0.01, 50), (true, 64, 1.5, 0.01, 50)];
        foreach (var setting in first)
        {
            seen.Add(setting);
            yield return Create(common, setting);
        }

        while (seen.Count < all)
        {
            var setting = (random.Next(2) == 1, Any(_widths), Any(_strengths), Any(_rates), Any(_steps));
            if (seen.Add(setting))
            {
                yield return Create(common, setting);
            }
        }

        T Any<T>(T[] values) => values[random.Next(values.Length)];
    }

    private static AutoCandidate Create(
        AutoTrainer.Options common, (bool IsDual, int Width, double Strength, double Rate, int Steps) setting)
    {
        InnerLoopOptions options = setting.IsDual
            ? new DualSystemTrainer.Options { ModulationPull = setting.Strength }
            : new ComplexSynapseTrainer.Options { ConsolidationStrength = setting.Strength };
        options = options with
        {
            LabelColumnName = common.LabelColumnName,
            FeatureColumnName = common.FeatureColumnName,
            ExampleWeightColumnName = common.ExampleWeightColumnName,
            Tasks = common.Tasks,
            Network = new MultilayerPerceptron { HiddenUnits = [setting.Width, setting.Width] },
            Rule = MetaGradientRule.Contrastive(strength: 0.1),
            Adaptation = new() { Steps = setting.Steps },
            // A constant rate, halved on plateaus: how long a candidate will be trained is not known when it starts.
            Training = new()
            {
                Optimizer = Optimizer.Adam(setting.Rate, epsilon: 1e-8), Schedule = LearningRateSchedule.Constant, Steps = MostSteps,
            },
            Compute = common.Compute,
            CancellationToken = common.CancellationToken,
        };
        return new AutoCandidate(
            FormattableString.Invariant($"{(setting.IsDual ? "dual system" : "complex synapse")}, {setting.Width}-{setting.Width} units, ")
            + FormattableString.Invariant($"pull {setting.Strength}, meta-learning rate {setting.Rate}, {setting.Steps} inner steps"),
            options);
    }
}
