using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>Tests that count live tensors of the whole process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TensorCounting
{
    public const string Name = "counts live tensors";

    /// <summary>
    /// How many more tensors are alive after <paramref name="run"/> than before; those that other tests left to the finaliser do not count.
    /// </summary>
    internal static long LeftBehindBy(Action run)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;
        run();
        return torch.Tensor.TotalCount - before;
    }
}
