using System.Numerics;
using System.Runtime.InteropServices;
using MLNetMeta.Trainers.Errors;
using MLNetMeta.Trainers.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Torch;

/// <content>
/// Images. In this process's memory by loops of our own, one image at a time; on other devices, and while autograd records, by dense
/// operators.
/// </content>
internal sealed partial class TorchOps
{
    public override Tensor MeanOverImages(Tensor images) => images.mean([-3, -2], keepdim: true);

    internal override Tensor ImagePositions(Tensor images) =>
        ones([], images.dtype, images.device).Times(images.size(-3) * images.size(-2));

    public override Tensor SplitRows(Tensor a, int positions) =>
        a.reshape([.. Shape(a)[..^2], Shape(a)[^2] / positions, positions, Shape(a)[^1]]);

    public override Tensor MergeRows(Tensor a) => a.reshape([.. Shape(a)[..^3], Shape(a)[^3] * Shape(a)[^2], Shape(a)[^1]]);

    public override Tensor Patches(Tensor images, PatchMap map)
    {
        CheckMap(images, map);
        var channels = (int)images.size(-1);
        long[] windows = [.. Shape(images)[..^2], map.Windows, map.WindowSize * channels];
        return !IsSmall(windows) ? Indexed()
            : AreAtHand<float>(images) ? Gathered<float>()
            : AreAtHand<double>(images) ? Gathered<double>()
            : Indexed();

        Tensor Indexed() => WithZero(images).index_select(-2, Index(map.Forward, images.device)).reshape(windows);

        Tensor Gathered<T>()
            where T : unmanaged
        {
            var result = Uninitialized<T>(windows, images, out var numbers);
            ImageLoops.Gather(Numbers<T>(images), map, channels, numbers);
            return result;
        }
    }

    internal override Tensor Unpatch(Tensor patches, PatchMap map)
    {
        var channels = (int)patches.size(-1) / map.WindowSize;
        var leading = Shape(patches)[..^2];
        return AreAtHand<float>(patches) ? Scattered<float>() : AreAtHand<double>(patches) ? Scattered<double>() : Indexed();

        Tensor Indexed()
        {
            var slots = patches.reshape([.. leading, map.Forward.Length, channels]);
            var seen = WithZero(slots).index_select(-2, Index(map.Backward, patches.device));
            return seen.reshape([.. leading, map.Positions, map.MostSeen, channels]).sum(-2);
        }

        Tensor Scattered<T>()
            where T : unmanaged, INumber<T>
        {
            var result = Zeros<T>([.. leading, map.Positions, channels], patches, out var numbers);
            ImageLoops.Scatter(Numbers<T>(patches), map, channels, numbers);
            return result;
        }
    }

    public override Tensor Normalize(Tensor images, ImageNormalization normalization, double epsilon)
    {
        return normalization == ImageNormalization.None ? images
            : AreAtHand<float>(images) ? InLoops<float>()
            : AreAtHand<double>(images) ? InLoops<double>()
            : base.Normalize(images, normalization, epsilon);

        Tensor InLoops<T>()
            where T : unmanaged, IRootFunctions<T>
        {
            var result = Uninitialized<T>(Shape(images), images, out var numbers);
            var (positions, channels) = SharedMoments(images, normalization);
            var small = T.CreateChecked(epsilon);
            if (normalization == ImageNormalization.Layer)
            {
                ImageLoops.Normalize(Numbers<T>(images), positions * channels, small, numbers);
            }
            else
            {
                ImageLoops.NormalizeChannels(Numbers<T>(images), positions, channels, small, numbers);
            }

            return result;
        }
    }

    internal override Tensor NormalizeAdjoint(
        Tensor images, Tensor normalized, Tensor adjoint, ImageNormalization normalization, double epsilon)
    {
        return AreAtHand<float>(images, normalized, adjoint) ? InLoops<float>()
            : AreAtHand<double>(images, normalized, adjoint) ? InLoops<double>()
            : base.NormalizeAdjoint(images, normalized, adjoint, normalization, epsilon);

        Tensor InLoops<T>()
            where T : unmanaged, IRootFunctions<T>
        {
            var result = Uninitialized<T>(Shape(images), images, out var numbers);
            var x = Numbers<T>(images);
            var y = Numbers<T>(normalized);
            var g = Numbers<T>(adjoint);
            var (positions, channels) = SharedMoments(images, normalization);
            var small = T.CreateChecked(epsilon);
            if (normalization == ImageNormalization.Layer)
            {
                ImageLoops.NormalizeAdjoint(x, y, g, positions * channels, small, numbers);
            }
            else
            {
                ImageLoops.NormalizeChannelsAdjoint(x, y, g, positions, channels, small, numbers);
            }

            return result;
        }
    }

    public override Tensor MaxPool(Tensor images, PatchMap map)
    {
        CheckMap(images, map);
        var channels = (int)images.size(-1);
        return AreAtHand<float>(images) ? InLoops<float>() : AreAtHand<double>(images) ? InLoops<double>() : BySlots();

        // Of equal values the last one, which then also gets the gradient.
        Tensor BySlots() => map.Slots.Select(slot => Patches(images, slot)).Aggregate((largest, next) =>
            where(next.ge(largest), next, largest));

        Tensor InLoops<T>()
            where T : unmanaged, INumber<T>
        {
            var result = Uninitialized<T>([.. Shape(images)[..^2], map.Windows, channels], images, out var numbers);
            ImageLoops.MaxPool(Numbers<T>(images), map, channels, numbers);
            return result;
        }
    }

    public override Tensor MaxPoolAdjoint(Tensor images, Tensor pooled, Tensor adjoint, PatchMap map)
    {
        return AreAtHand<float>(images, pooled, adjoint) ? InLoops<float>()
            : AreAtHand<double>(images, pooled, adjoint) ? InLoops<double>()
            : BySlots();

        Tensor BySlots()
        {
            var (sum, rest) = (zeros_like(images), adjoint);
            foreach (var slot in map.Slots.Reverse())
            {
                var taken = rest.mul(Patches(images, slot).eq(pooled).to(adjoint.dtype));
                (sum, rest) = (sum.Plus(Unpatch(taken, slot)), rest.Minus(taken));
            }

            return sum;
        }

        Tensor InLoops<T>()
            where T : unmanaged, INumber<T>
        {
            var result = Zeros<T>(Shape(images), images, out var numbers);
            ImageLoops.MaxPoolAdjoint(
                Numbers<T>(images), Numbers<T>(pooled), Numbers<T>(adjoint), map, (int)images.size(-1), numbers);
            return result;
        }
    }

    internal override Tensor ReluAdjoint(Tensor result, Tensor adjoint)
    {
        return AreAtHand<float>(result, adjoint) ? InLoops<float>()
            : AreAtHand<double>(result, adjoint) ? InLoops<double>()
            : base.ReluAdjoint(result, adjoint);

        Tensor InLoops<T>()
            where T : unmanaged, INumber<T>
        {
            var passed = Uninitialized<T>(Shape(result), result, out var numbers);
            ImageLoops.WherePositive(Numbers<T>(adjoint), Numbers<T>(result), numbers);
            return passed;
        }
    }

    private static void CheckMap(Tensor images, PatchMap map)
    {
        if (images.size(-2) != map.Positions)
        {
            throw TrainerThrow.PatchesOf(map.Positions, $"[{string.Join(", ", Shape(images))}]");
        }
    }

    /// <summary>Number of positions that share a mean and a variance, and of channels.</summary>
    private static (int Positions, int Channels) SharedMoments(Tensor images, ImageNormalization normalization)
    {
        var positions = (int)images.size(-2);
        return (
            normalization == ImageNormalization.Transductive ? positions * (int)images.size(-3) : positions, (int)images.size(-1));
    }

    private static Tensor Uninitialized<T>(long[] shape, Tensor like, out Span<T> numbers)
        where T : unmanaged
    {
        var value = empty(shape, like.dtype, like.device);
        numbers = MemoryMarshal.Cast<byte, T>(value.bytes);
        return value;
    }

    /// <summary>Whether the numbers fit into a span of bytes.</summary>
    private static bool IsSmall(ReadOnlySpan<long> shape)
    {
        var size = (long)sizeof(double);
        foreach (var length in shape)
        {
            size *= length;
        }

        return size <= int.MaxValue;
    }

    /// <summary>One more position, of zeros, at the end.</summary>
    private static Tensor WithZero(Tensor images) =>
        cat([images, zeros([.. Shape(images)[..^2], 1, Shape(images)[^1]], images.dtype, images.device)], -2);

    private static Tensor Index(long[] index, Device device) => tensor(index, device: device);
}
