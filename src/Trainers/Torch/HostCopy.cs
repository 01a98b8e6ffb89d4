using MLNetMeta.Trainers.Operators;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <summary>The way from a device to managed memory.</summary>
internal static class HostCopy
{
    /// <summary>A copy as float32.</summary>
    public static HostTensor ToHost(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return new(tensor.detach().cpu().to(ScalarType.Float32).contiguous().data<float>().ToArray(), tensor.shape);
    }
}
