using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>The numbers of this sample.</summary>
internal static class Settings
{
    /// <summary>Number of tasks of the history on which each baseline's settings are chosen.</summary>
    public static int TuningEpisodes(int episodes) => Math.Min(20, episodes);

    public static readonly int[] MachineUnits = [40, 40];

    public static readonly int[] GestureUnits = [64, 64];

    /// <summary>
    /// Meta-steps for gestures: a fraction of the meta-steps for machines, because 60 gestures are less data than 1,000 machines and
    /// overfit sooner.
    /// </summary>
    public static int GestureSteps(int steps) => Math.Max(1, steps / 4);

    /// <summary>
    /// The initial pull of the fast parameters towards their slow state, with the weight of five rows: strong enough to converge in 30
    /// steps.
    /// </summary>
    public const double MachinePull = 5;

    /// <summary>Steps of the free phase. Adaptation in the app takes the same number.</summary>
    public const int AdaptationSteps = 30;

    /// <summary>The contrastive rule. Its nudged phases start where the free phase ended.</summary>
    public static readonly MetaGradientRule Rule = MetaGradientRule.Contrastive(strength: 0.1, nudgedSteps: 15);

    public static readonly Optimizer MachineMetaOptimizer = Optimizer.Adam(0.01);

    public static readonly Optimizer GestureInnerOptimizer = Optimizer.Sgd(0.05, 0.9, nesterov: true);

    /// <summary>Twenty reports per training, enough for a progress bar.</summary>
    public static int ValidationInterval(int steps) => Math.Max(10, steps / 20);
}
