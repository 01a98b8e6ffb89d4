using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Bandits;

/// <summary>Some pulls of all runs as tensors.</summary>
internal static class Slices
{
    /// <summary><c>[runs, span, features]</c>.</summary>
    public static Tensor Contexts(BanditRuns runs, int first, int span) =>
        tensor(Copy(runs, runs.Contexts, first, span, Wheel.Features), [runs.Runs, span, Wheel.Features]);

    /// <summary><c>[runs, span]</c>.</summary>
    public static Tensor Of(BanditRuns runs, float[] values, int first, int span) =>
        tensor(Copy(runs, values, first, span, 1), [runs.Runs, span]);

    /// <summary><c>[runs, span]</c>.</summary>
    public static Tensor Of(BanditRuns runs, long[] values, int first, int span) =>
        tensor(Copy(runs, values, first, span, 1), [runs.Runs, span]);

    private static T[] Copy<T>(BanditRuns runs, T[] values, int first, int span, int width)
    {
        var copy = new T[runs.Runs * span * width];
        for (var run = 0; run < runs.Runs; run++)
        {
            values.AsSpan(((run * runs.Pulls) + first) * width, span * width).CopyTo(copy.AsSpan(run * span * width));
        }

        return copy;
    }
}
