using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace MLNetMeta.Trainers.Operators;

/// <summary>
/// Operators on images in this process's memory, <c>[.., positions, channels]</c>. An image is read and written while it is in the
/// processor's caches; the same from dense operators is many passes through memory.
/// </summary>
internal static class ImageLoops
{
    private const int PositionsOfAPart = 256;

    /// <summary>What the windows see.</summary>
    public static void Gather<T>(ReadOnlySpan<T> images, PatchMap map, int channels, Span<T> windows)
    {
        var (from, to) = (map.Positions * channels, map.Forward.Length * channels);
        for (; images.Length > 0; images = images[from..], windows = windows[to..])
        {
            foreach (var (slot, position, length) in map.Runs)
            {
                var seen = windows.Slice(slot * channels, length * channels);
                if (position == map.Positions)
                {
                    seen.Clear();
                }
                else
                {
                    images.Slice(position * channels, length * channels).CopyTo(seen);
                }
            }
        }
    }

    /// <summary>The adjoint of <see cref="Gather"/>; <paramref name="images"/> holds zeros before.</summary>
    public static void Scatter<T>(ReadOnlySpan<T> windows, PatchMap map, int channels, Span<T> images)
        where T : unmanaged, INumber<T>
    {
        var (from, to) = (map.Forward.Length * channels, map.Positions * channels);
        for (; windows.Length > 0; windows = windows[from..], images = images[to..])
        {
            foreach (var (slot, position, length) in map.Runs)
            {
                if (position < map.Positions)
                {
                    Accumulate(images.Slice(position * channels, length * channels), windows.Slice(slot * channels, length * channels));
                }
            }
        }
    }

    /// <summary>Mean 0 and variance 1 of each stretch of <paramref name="length"/> numbers.</summary>
    public static void Normalize<T>(ReadOnlySpan<T> values, int length, T epsilon, Span<T> result)
        where T : unmanaged, IRootFunctions<T>
    {
        var count = T.CreateChecked(length);
        for (; values.Length > 0; values = values[length..], result = result[length..])
        {
            var y = result[..length];
            TensorPrimitives.Multiply(y, Centre(values[..length], count, epsilon, y), y);
        }
    }

    /// <summary>The adjoint of <see cref="Normalize"/>.</summary>
    /// <param name="values">What was normalised.</param>
    /// <param name="normalized">What became of it.</param>
    /// <param name="adjoint">∂loss/∂<paramref name="normalized"/>.</param>
    /// <param name="length">Numbers of a stretch.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="result">∂loss/∂<paramref name="values"/>.</param>
    public static void NormalizeAdjoint<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<T> normalized, ReadOnlySpan<T> adjoint, int length, T epsilon, Span<T> result)
        where T : unmanaged, IRootFunctions<T>
    {
        var count = T.CreateChecked(length);
        for (var start = 0; start < values.Length; start += length)
        {
            var y = normalized.Slice(start, length);
            var g = adjoint.Slice(start, length);
            var dx = result.Slice(start, length);
            var scale = Centre(values.Slice(start, length), count, epsilon, dx);
            var (mean, along) = (TensorPrimitives.Sum(g) / count, TensorPrimitives.Dot(g, y) / count);
            TensorPrimitives.MultiplyAdd(y, -along, g, dx);
            TensorPrimitives.Subtract(dx, mean, dx);
            TensorPrimitives.Multiply(dx, scale, dx);
        }
    }

    /// <summary>Mean 0 and variance 1 of each channel over every <paramref name="positions"/> positions.</summary>
    public static void NormalizeChannels<T>(ReadOnlySpan<T> values, int positions, int channels, T epsilon, Span<T> result)
        where T : unmanaged, IRootFunctions<T>
    {
        var length = positions * channels;
        var (mean, scale) = (new T[channels], new T[channels]);
        for (; values.Length > 0; values = values[length..], result = result[length..])
        {
            Moments(values[..length], positions, epsilon, mean, scale);
            for (var at = 0; at < length; at += channels)
            {
                var y = result.Slice(at, channels);
                TensorPrimitives.Subtract(values.Slice(at, channels), mean, y);
                TensorPrimitives.Multiply(y, scale, y);
            }
        }
    }

    /// <summary>The adjoint of <see cref="NormalizeChannels"/>; parameters as there and in <see cref="NormalizeAdjoint"/>.</summary>
    public static void NormalizeChannelsAdjoint<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<T> normalized, ReadOnlySpan<T> adjoint, int positions, int channels, T epsilon,
        Span<T> result)
        where T : unmanaged, IRootFunctions<T>
    {
        var (length, count) = (positions * channels, T.CreateChecked(positions));
        var (mean, scale, meanAdjoint, along) = (new T[channels], new T[channels], new T[channels], new T[channels]);
        for (var start = 0; start < values.Length; start += length)
        {
            Moments(values.Slice(start, length), positions, epsilon, mean, scale);
            meanAdjoint.AsSpan().Clear();
            along.AsSpan().Clear();
            for (var at = start; at < start + length; at += channels)
            {
                var g = adjoint.Slice(at, channels);
                Accumulate(meanAdjoint, g);
                TensorPrimitives.MultiplyAdd(g, normalized.Slice(at, channels), along, along);
            }

            TensorPrimitives.Divide(meanAdjoint, count, meanAdjoint);
            TensorPrimitives.Divide(along, -count, along);
            for (var at = start; at < start + length; at += channels)
            {
                var dx = result.Slice(at, channels);
                TensorPrimitives.MultiplyAdd(normalized.Slice(at, channels), along, adjoint.Slice(at, channels), dx);
                TensorPrimitives.Subtract(dx, meanAdjoint, dx);
                TensorPrimitives.Multiply(dx, scale, dx);
            }
        }
    }

    /// <summary>The largest value that each window sees, channel by channel; outside the image are zeros.</summary>
    public static void MaxPool<T>(ReadOnlySpan<T> images, PatchMap map, int channels, Span<T> result)
        where T : unmanaged, INumber<T>
    {
        var (from, to) = (map.Positions * channels, map.Windows * channels);
        var zeros = new T[channels];
        for (; images.Length > 0; images = images[from..], result = result[to..])
        {
            for (var window = 0; window < map.Windows; window++)
            {
                var largest = result.Slice(window * channels, channels);
                Seen(images, window, 0).CopyTo(largest);
                for (var slot = 1; slot < map.WindowSize; slot++)
                {
                    TensorPrimitives.Max(Seen(images, window, slot), largest, largest);
                }
            }
        }

        ReadOnlySpan<T> Seen(ReadOnlySpan<T> image, int window, int slot) =>
            map.Forward[(window * map.WindowSize) + slot] is var position && position < map.Positions
                ? image.Slice((int)position * channels, channels)
                : zeros;
    }

    /// <summary>
    /// The adjoint of <see cref="MaxPool"/>: the last position of the largest value gets it. <paramref name="result"/> holds zeros before.
    /// </summary>
    public static void MaxPoolAdjoint<T>(
        ReadOnlySpan<T> images, ReadOnlySpan<T> pooled, ReadOnlySpan<T> adjoint, PatchMap map, int channels, Span<T> result)
        where T : unmanaged, INumber<T>
    {
        var (ofImage, ofWindows) = (map.Positions * channels, map.Windows * channels);
        var (rest, zeros, lost) = (new T[channels], new T[channels], new T[channels]);
        for (; images.Length > 0;
             images = images[ofImage..], result = result[ofImage..], pooled = pooled[ofWindows..], adjoint = adjoint[ofWindows..])
        {
            for (var window = 0; window < map.Windows; window++)
            {
                var largest = pooled.Slice(window * channels, channels);
                adjoint.Slice(window * channels, channels).CopyTo(rest);
                for (var slot = map.WindowSize - 1; slot >= 0; slot--)
                {
                    var position = (int)map.Forward[(window * map.WindowSize) + slot];
                    if (position < map.Positions)
                    {
                        MoveWhereEqual(
                            images.Slice(position * channels, channels), largest, rest, result.Slice(position * channels, channels));
                    }
                    else
                    {
                        // A zero outside the image: what it gets is lost.
                        MoveWhereEqual(zeros, largest, rest, lost);
                    }
                }
            }
        }
    }

    /// <summary>The adjoint of ReLU: what arrives where its result is above 0.</summary>
    public static void WherePositive<T>(ReadOnlySpan<T> adjoint, ReadOnlySpan<T> result, Span<T> passed)
        where T : unmanaged, INumber<T>
    {
        var wideAdjoint = MemoryMarshal.Cast<T, Vector<T>>(adjoint);
        var wideResult = MemoryMarshal.Cast<T, Vector<T>>(result);
        var widePassed = MemoryMarshal.Cast<T, Vector<T>>(passed);
        for (var i = 0; i < widePassed.Length; i++)
        {
            widePassed[i] = Vector.ConditionalSelect(
                Vector.GreaterThan(wideResult[i], Vector<T>.Zero), wideAdjoint[i], Vector<T>.Zero);
        }

        for (var i = widePassed.Length * Vector<T>.Count; i < passed.Length; i++)
        {
            passed[i] = result[i] > T.Zero ? adjoint[i] : T.Zero;
        }
    }

    /// <summary>Where <paramref name="seen"/> is the largest value, its target gets what is left, and nothing is left.</summary>
    private static void MoveWhereEqual<T>(ReadOnlySpan<T> seen, ReadOnlySpan<T> largest, Span<T> rest, Span<T> target)
        where T : unmanaged, INumber<T>
    {
        var wideSeen = MemoryMarshal.Cast<T, Vector<T>>(seen);
        var wideLargest = MemoryMarshal.Cast<T, Vector<T>>(largest);
        var wideRest = MemoryMarshal.Cast<T, Vector<T>>(rest);
        var wideTarget = MemoryMarshal.Cast<T, Vector<T>>(target);
        for (var i = 0; i < wideSeen.Length; i++)
        {
            var isLargest = Vector.Equals(wideSeen[i], wideLargest[i]);
            wideTarget[i] += Vector.ConditionalSelect(isLargest, wideRest[i], Vector<T>.Zero);
            wideRest[i] = Vector.ConditionalSelect(isLargest, Vector<T>.Zero, wideRest[i]);
        }

        for (var i = wideSeen.Length * Vector<T>.Count; i < seen.Length; i++)
        {
            if (seen[i] == largest[i])
            {
                target[i] += rest[i];
                rest[i] = T.Zero;
            }
        }
    }

    /// <summary>target ← x − mean of x. Returns 1 / √(variance + ε).</summary>
    private static T Centre<T>(ReadOnlySpan<T> x, T count, T epsilon, Span<T> target)
        where T : unmanaged, IRootFunctions<T>
    {
        TensorPrimitives.Subtract(x, TensorPrimitives.Sum(x) / count, target);
        return T.One / T.Sqrt((TensorPrimitives.SumOfSquares<T>(target) / count) + epsilon);
    }

    /// <summary>For each channel its mean and 1 / √(variance + ε).</summary>
    private static void Moments<T>(ReadOnlySpan<T> x, int positions, T epsilon, T[] mean, T[] scale)
        where T : unmanaged, IRootFunctions<T>
    {
        var (channels, count) = (mean.Length, T.CreateChecked(positions));
        var (centred, partial) = (new T[channels], new T[channels]);
        mean.AsSpan().Clear();
        scale.AsSpan().Clear();

        // In parts, because a long sum in single precision loses digits.
        foreach (var (start, length) in Parts(x.Length, PositionsOfAPart * channels))
        {
            partial.AsSpan().Clear();
            for (var at = start; at < start + length; at += channels)
            {
                Accumulate(partial, x.Slice(at, channels));
            }

            Accumulate(mean, partial);
        }

        TensorPrimitives.Divide(mean, count, mean);
        foreach (var (start, length) in Parts(x.Length, PositionsOfAPart * channels))
        {
            partial.AsSpan().Clear();
            for (var at = start; at < start + length; at += channels)
            {
                TensorPrimitives.Subtract(x.Slice(at, channels), mean, centred);
                TensorPrimitives.MultiplyAdd(centred, centred, partial, partial);
            }

            Accumulate(scale, partial);
        }

        TensorPrimitives.Divide(scale, count, scale);
        TensorPrimitives.Add(scale, epsilon, scale);
        TensorPrimitives.Sqrt(scale, scale);
        TensorPrimitives.Divide(T.One, scale, scale);
    }

    private static IEnumerable<(int Start, int Length)> Parts(int length, int most)
    {
        for (var start = 0; start < length; start += most)
        {
            yield return (start, Math.Min(most, length - start));
        }
    }

    private static void Accumulate<T>(Span<T> sum, ReadOnlySpan<T> added)
        where T : unmanaged, INumberBase<T> => TensorPrimitives.Add(sum, added, sum);
}
