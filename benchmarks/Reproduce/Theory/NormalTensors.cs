using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Reproduce.Theory;

/// <summary>Tensors of standard normal numbers in float64, from a generator that is given.</summary>
internal static class NormalTensors
{
    public static Tensor Draw(Random random, params long[] shape) =>
        tensor([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextNormal())], shape);
}
