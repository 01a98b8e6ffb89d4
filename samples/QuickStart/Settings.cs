using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>The numbers of this sample.</summary>
internal static class Settings
{
    /// <summary>Tasks of the history that choose each baseline's setting.</summary>
    public static int TuningEpisodes(int episodes) => Math.Min(30, episodes);

    public static readonly int[] MachineUnits = [40, 40];

    public static readonly int[] GestureUnits = [64, 64];

    /// <summary>
    /// Meta-steps for gestures: a fraction of those for machines, as 60 gestures teach less than 1,000 machines and overfit sooner.
    /// </summary>
    public static int GestureSteps(int steps) => Math.Max(1, steps / 4);

    /// <summary>The pull of the fast parameters to their slow state at the start, as of five rows: firm, so that 30 steps settle.</summary>
    public const double MachinePull = 5;

    /// <summary>Steps of the free phase; adaptation in the app takes as many.</summary>
    public const int AdaptationSteps = 30;

    /// <summary>The contrastive rule; its nudged phases start where the free phase ended.</summary>
    public static readonly MetaGradientRule Rule = MetaGradientRule.Contrastive(strength: 0.1, nudgedSteps: 15);

    public static readonly Optimizer MachineMetaOptimizer = Optimizer.Adam(0.01);

    public static readonly Optimizer GestureInnerOptimizer = Optimizer.Sgd(0.05, 0.9, nesterov: true);

    /// <summary>Twenty reports a training, enough for a progress bar.</summary>
    public static int ValidationInterval(int steps) => Math.Max(10, steps / 20);
}
