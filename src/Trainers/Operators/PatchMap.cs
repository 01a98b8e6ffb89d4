namespace MLNetMeta.Trainers.Operators;

/// <summary>Which positions of an image the windows of a convolution see, as index lists, forwards and backwards.</summary>
/// <remarks>
/// Images are <c>[.., rows, positions, channels]</c>, channels last, so that taking a position copies one contiguous vector. A window
/// outside the image sees zeros. The adjoint sums, for every position, the window slots that saw it.
/// </remarks>
internal sealed class PatchMap
{
    /// <param name="height">Height of the image.</param>
    /// <param name="width">Width of the image.</param>
    /// <param name="size">Side of the square window.</param>
    /// <param name="stride">Distance between windows.</param>
    /// <param name="padding">Rows and columns of zeros around the image.</param>
    public PatchMap(int height, int width, int size, int stride, int padding)
    {
        OutputHeight = ((height + (2 * padding) - size) / stride) + 1;
        OutputWidth = ((width + (2 * padding) - size) / stride) + 1;
        Positions = height * width;
        WindowSize = size * size;
        Forward = new long[OutputHeight * OutputWidth * WindowSize];
        for (var slot = 0; slot < Forward.Length; slot++)
        {
            var (window, inside) = (slot / WindowSize, slot % WindowSize);
            var y = (window / OutputWidth * stride) + (inside / size) - padding;
            var x = (window % OutputWidth * stride) + (inside % size) - padding;
            Forward[slot] = y >= 0 && y < height && x >= 0 && x < width ? (y * width) + x : Positions;
        }

        (Backward, MostSeen) = Invert();
    }

    private PatchMap(PatchMap whole, int slot)
    {
        (OutputHeight, OutputWidth, Positions, WindowSize) = (whole.OutputHeight, whole.OutputWidth, whole.Positions, 1);
        Forward = [.. Enumerable.Range(0, Windows).Select(window => whole.Forward[(window * whole.WindowSize) + slot])];
        (Backward, MostSeen) = Invert();
    }

    /// <summary>A map for each slot of the windows, which sees that slot only.</summary>
    public IEnumerable<PatchMap> Slots => Enumerable.Range(0, WindowSize).Select(slot => new PatchMap(this, slot));

    public int OutputHeight { get; }

    public int OutputWidth { get; }

    /// <summary>Positions of the input image.</summary>
    public int Positions { get; }

    /// <summary>Windows, positions of the output image.</summary>
    public int Windows => OutputHeight * OutputWidth;

    /// <summary>Positions in a window.</summary>
    public int WindowSize { get; }

    /// <summary>Input position of every window slot; <see cref="Positions"/> stands for a zero.</summary>
    public long[] Forward { get; }

    /// <summary>Window slots that see each position, <see cref="MostSeen"/> for each; the number of slots stands for a zero.</summary>
    public long[] Backward { get; }

    /// <summary>The most windows that see one position.</summary>
    public int MostSeen { get; }

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
}
