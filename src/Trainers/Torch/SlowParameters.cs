using System.Collections.Immutable;
using MLNetMeta.Trainers.Operators;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Draws a first θ.</summary>
internal static class SlowParameters
{
    public static Parameters Draw(ImmutableArray<ParameterSpec> slow, Random random, Device? device = null)
    {
        using var scope = NewDisposeScope();
        return new Parameters(new NamedValues<Tensor>(
            [.. slow.Select(s => s.Name)], [.. slow.Select(s => tensor(s.Draw(random), device: device).reshape([.. s.Shape]))]));
    }
}
