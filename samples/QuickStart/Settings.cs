using MLNetMeta.Trainers;

namespace MLNetMeta.Samples;

/// <summary>The numbers of this sample.</summary>
internal static class Settings
{
    /// <summary>Tasks of the history that choose each baseline's setting.</summary>
    public const int TuningEpisodes = 30;

    public static readonly int[] MachineUnits = [40, 40];

    public static readonly int[] GestureUnits = [64, 64];

    public static readonly Optimizer MachineInnerOptimizer = Optimizer.Adam(0.02);

    public static readonly Optimizer GestureInnerOptimizer = Optimizer.Sgd(0.05, 0.9, nesterov: true);

    /// <summary>Twenty reports a training, enough for a progress bar.</summary>
    public static int ValidationInterval(int steps) => Math.Max(1, steps / 20);
}
