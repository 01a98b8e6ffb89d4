using System.Collections.Immutable;

namespace MLNetMeta.Trainers;

/// <summary>Which positions of an image the windows of a convolution or a pooling see.</summary>
/// <remarks>
/// Images are <c>[.., rows, positions, channels]</c>, channels last, so that taking a position copies one contiguous vector. A window
/// outside the image sees zeros. The adjoint sums, for every position, the window slots that saw it.
/// </remarks>
public sealed class PatchMap
{
    /// <summary>The windows of a convolution or a pooling.</summary>
    /// <param name="height">Height of the image, at least 1.</param>
    /// <param name="width">Width of the image, at least 1.</param>
    /// <param name="size">Side of the square window, at least 1.</param>
    /// <param name="stride">Distance between windows, at least 1.</param>
    /// <param name="padding">Rows and columns of zeros around the image, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range, or no window fits into the image.</exception>
    public PatchMap(int height, int width, int size, int stride, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Math.Min(height, width) + (2 * padding));
        OutputHeight = ((height + (2 * padding) - size) / stride) + 1;
        OutputWidth = ((width + (2 * padding) - size) / stride) + 1;
        Positions = height * width;
        WindowSize = size * size;
        Square = new SquareWindows(height, width, size, stride, padding);
        Forward = new long[OutputHeight * OutputWidth * WindowSize];
        for (var slot = 0; slot < Forward.Length; slot++)
        {
            var (window, inside) = (slot / WindowSize, slot % WindowSize);
            var y = (window / OutputWidth * stride) + (inside / size) - padding;
            var x = (window % OutputWidth * stride) + (inside % size) - padding;
            Forward[slot] = y >= 0 && y < height && x >= 0 && x < width ? (y * width) + x : Positions;
        }

        (Backward, MostSeen) = Invert();
        Runs = FindRuns();
    }

    private PatchMap(PatchMap whole, int slot)
    {
        (OutputHeight, OutputWidth, Positions, WindowSize) = (whole.OutputHeight, whole.OutputWidth, whole.Positions, 1);
        Forward = [.. Enumerable.Range(0, Windows).Select(window => whole.Forward[(window * whole.WindowSize) + slot])];
        (Backward, MostSeen) = Invert();
        Runs = FindRuns();
    }

    /// <summary>The numbers that the map was made of; null for a single slot of other windows.</summary>
    internal SquareWindows? Square { get; }

    /// <summary>A map for each slot of the windows, which sees that slot only.</summary>
    public ImmutableArray<PatchMap> Slots
    {
        get
        {
            if (field.IsDefault)
            {
                field = [.. Enumerable.Range(0, WindowSize).Select(slot => new PatchMap(this, slot))];
            }

            return field;
        }
    }

    /// <summary>Rows of windows: height of the output image.</summary>
    public int OutputHeight { get; }

    /// <summary>Columns of windows: width of the output image.</summary>
    public int OutputWidth { get; }

    /// <summary>Positions of the input image.</summary>
    public int Positions { get; }

    /// <summary>Windows, positions of the output image.</summary>
    public int Windows => OutputHeight * OutputWidth;

    /// <summary>Positions in a window.</summary>
    public int WindowSize { get; }

    /// <summary>Input position of every window slot; <see cref="Positions"/> stands for a zero.</summary>
    internal long[] Forward { get; }

    /// <summary>Window slots that see each position, <see cref="MostSeen"/> for each; the number of slots stands for a zero.</summary>
    internal long[] Backward { get; }

    /// <summary>The most windows that see one position.</summary>
    internal int MostSeen { get; }

    /// <summary>
    /// <see cref="Forward"/> as stretches: slots from <c>Slot</c> on see the positions from <c>Position</c> on, <c>Length</c> of them;
    /// zeros if <c>Position</c> is <see cref="Positions"/>.
    /// </summary>
    internal (int Slot, int Position, int Length)[] Runs { get; }

    private (int Slot, int Position, int Length)[] FindRuns()
    {
        var runs = new List<(int Slot, int Position, int Length)>();
        for (var slot = 0; slot < Forward.Length; slot++)
        {
            var position = (int)Forward[slot];
            var isZero = position == Positions;
            if (runs.Count > 0 && runs[^1] is var last && (last.Position == Positions) == isZero
                && (isZero || last.Position + last.Length == position))
            {
                runs[^1] = last with { Length = last.Length + 1 };
            }
            else
            {
                runs.Add((slot, position, 1));
            }
        }

        return [.. runs];
    }

    private (long[] Backward, int MostSeen) Invert()
    {
        var seenBy = Enumerable.Range(0, Positions).Select(_ => new List<long>()).ToArray();
        for (var slot = 0; slot < Forward.Length; slot++)
        {
            if (Forward[slot] < Positions)
            {
                seenBy[Forward[slot]].Add(slot);
            }
        }

        var most = Math.Max(1, seenBy.Max(s => s.Count));
        return ([.. seenBy.SelectMany(s => s.Concat(Enumerable.Repeat((long)Forward.Length, most - s.Count)))], most);
    }

    /// <summary>Square windows on an image; see <see cref="PatchMap(int, int, int, int, int)"/>.</summary>
    internal sealed record SquareWindows(int Height, int Width, int Size, int Stride, int Padding);
}
