namespace MLNetMeta.Trainers;

/// <content>
/// Images: <c>[.., rows, positions, channels]</c>, channels last. A convolution is <see cref="Patches"/>, <see cref="MergeRows"/> and a
/// matrix product, with weights of the task or shared by all.
/// </content>
public abstract partial class Ops<V>
{
    /// <summary><c>[.., rows · positions, channels]</c> → <c>[.., rows, positions, channels]</c>. ONNX: Reshape.</summary>
    /// <param name="a"><c>[.., rows · positions, channels]</c>.</param>
    /// <param name="positions">Positions of an image.</param>
    public abstract V SplitRows(V a, int positions);

    /// <summary><c>[.., rows, positions, channels]</c> → <c>[.., rows · positions, channels]</c>. ONNX: Reshape.</summary>
    /// <param name="a"><c>[.., rows, positions, channels]</c>.</param>
    public abstract V MergeRows(V a);

    /// <summary>
    /// What the windows of a convolution see ("im2col"): <c>[.., rows, positions, channels]</c> → <c>[.., rows, windows, window size ·
    /// channels]</c>. Gradient: every position gets the sum over the windows that saw it. ONNX: Pad, Gather, Reshape.
    /// </summary>
    /// <param name="images"><c>[.., rows, positions, channels]</c>.</param>
    /// <param name="map">The windows.</param>
    public abstract V Patches(V images, PatchMap map);

    /// <summary>
    /// Mean over rows and positions: <c>[.., rows, positions, channels]</c> → <c>[.., 1, 1, channels]</c>. For transductive
    /// normalisation: a prediction then depends on the other rows. ONNX: ReduceSum, Div.
    /// </summary>
    /// <param name="images"><c>[.., rows, positions, channels]</c>; the number of rows need not be known.</param>
    public abstract V MeanOverImages(V images);

    /// <summary>The adjoint of <see cref="Patches"/>: every position gets the sum of the window slots that saw it.</summary>
    internal abstract V Unpatch(V patches, PatchMap map);

    /// <summary>What <see cref="MeanOverImages"/> divides by, rank 0.</summary>
    internal abstract V ImagePositions(V images);
}
