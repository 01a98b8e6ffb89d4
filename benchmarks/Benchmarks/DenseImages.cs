using MLNetMeta.Trainers;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>Operators on images as libtorch's operators give them: what our loops are compared with.</summary>
internal sealed class DenseImages(PatchMap map)
{
    private readonly Tensor _forward = tensor(map.Forward);
    private readonly Tensor _backward = tensor(map.Backward);

    public Tensor Patches(Tensor images) =>
        WithZero(images).index_select(-2, _forward).reshape(1, images.shape[1], map.Windows, map.WindowSize * images.shape[^1]);

    public Tensor Unpatch(Tensor patches)
    {
        var slots = patches.reshape(1, patches.shape[1], map.Forward.Length, -1);
        return WithZero(slots).index_select(-2, _backward).reshape(1, patches.shape[1], map.Positions, map.MostSeen, -1).sum(-2);
    }

    public static Tensor Normalize(Tensor images, double epsilon)
    {
        var centred = images - Mean(images);
        return centred / (Mean(centred * centred) + epsilon).sqrt();
    }

    /// <summary>As reverse-mode differentiation of <see cref="Normalize"/> computes it.</summary>
    public static Tensor NormalizeAdjoint(Tensor images, Tensor adjoint, double epsilon)
    {
        var centred = images - Mean(images);
        var deviation = (Mean(centred * centred) + epsilon).sqrt();
        var ofDeviation = -(adjoint * (centred / deviation) / deviation).sum([-2, -1], keepdim: true);
        var ofCentred = (adjoint / deviation) + (ofDeviation / deviation * centred / (images.shape[^1] * images.shape[^2]));
        return ofCentred - Mean(ofCentred);
    }

    private static Tensor Mean(Tensor images) => images.mean([-2], keepdim: true).mean([-1], keepdim: true);

    private static Tensor WithZero(Tensor images) => cat([images, zeros(1, images.shape[1], 1, images.shape[^1])], -2);
}
