using System.Collections.Immutable;
using MLNetMeta.Trainers.Operators;
using TorchSharp;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Draws a first θ.</summary>
internal static class SlowParameters
{
    public static Parameters Draw(ImmutableArray<ParameterSpec> slow, Random random, torch.Device? device = null) =>
        Parameters.Of(slow, ParameterSpec.Draw(slow, random), device);
}
