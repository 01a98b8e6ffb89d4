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
    /// Convolution: what the windows see times the weights, <c>[.., rows, positions, channels]</c> → <c>[.., rows, windows, filters]</c>.
    /// Gradient: that of the matrix product and of <see cref="Patches"/>. ONNX: Conv where the weights are constants of the file and no
    /// gradient is taken, else as <see cref="Patches"/> and MatMul.
    /// </summary>
    /// <param name="images"><c>[.., rows, positions, channels]</c>.</param>
    /// <param name="weights"><c>[.., window size · channels, filters]</c>, of the task or shared by all.</param>
    /// <param name="map">The windows.</param>
    public virtual V Convolve(V images, V weights, PatchMap map) =>
        SplitRows(MatMul(MergeRows(Patches(images, map)), weights), map.Windows);

    /// <summary>
    /// Mean 0 and variance 1: (x − mean) / √(variance + ε), with the mean and the variance that <paramref name="normalization"/> names.
    /// Gradient: (g − mean of g − y · mean of g · y) / √(variance + ε), with the same means. ONNX: ReduceMean, Sub, Mul, Sqrt, Div.
    /// </summary>
    /// <param name="images"><c>[.., rows, positions, channels]</c>.</param>
    /// <param name="normalization">What mean and variance are taken over.</param>
    /// <param name="epsilon">ε, above 0.</param>
    public virtual V Normalize(V images, ImageNormalization normalization, double epsilon)
    {
        if (normalization == ImageNormalization.None)
        {
            return images;
        }

        var centred = Subtract(images, MeanOf(images, normalization));
        return Divide(centred, Sqrt(Shift(MeanOf(Multiply(centred, centred), normalization), epsilon)));
    }

    /// <summary>
    /// The largest value that each window sees, for each channel: <c>[.., rows, positions, channels]</c> → <c>[.., rows, windows,
    /// channels]</c>. Gradient: g goes to the position of the largest value, the last one of several. ONNX: Gather, Sub, Relu, Add.
    /// </summary>
    /// <param name="images"><c>[.., rows, positions, channels]</c>.</param>
    /// <param name="map">The windows.</param>
    public virtual V MaxPool(V images, PatchMap map)
    {
        // max(a, b) = b + ReLU(a − b), slot by slot of the windows.
        var largest = Patches(images, map.Slots[0]);
        foreach (var slot in map.Slots.AsSpan()[1..])
        {
            var next = Patches(images, slot);
            largest = Add(next, Relu(Subtract(largest, next)));
        }

        return largest;
    }

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

    /// <summary>The adjoint of <see cref="Normalize"/>.</summary>
    /// <param name="images">What was normalised.</param>
    /// <param name="normalized">What became of it.</param>
    /// <param name="adjoint">∂loss/∂<paramref name="normalized"/>.</param>
    /// <param name="normalization">Not <see cref="ImageNormalization.None"/>.</param>
    /// <param name="epsilon">ε.</param>
    internal virtual V NormalizeAdjoint(V images, V normalized, V adjoint, ImageNormalization normalization, double epsilon)
    {
        var centred = Subtract(images, MeanOf(images, normalization));
        var deviation = Sqrt(Shift(MeanOf(Multiply(centred, centred), normalization), epsilon));
        var along = Multiply(normalized, MeanOf(Multiply(adjoint, normalized), normalization));
        return Divide(Subtract(Subtract(adjoint, MeanOf(adjoint, normalization)), along), deviation);
    }

    private V MeanOf(V images, ImageNormalization normalization)
    {
        if (normalization == ImageNormalization.Transductive)
        {
            return MeanOverImages(images);
        }

        var overPositions = Mean(images, -2);
        return normalization == ImageNormalization.Layer ? Mean(overPositions, -1) : overPositions;
    }
}
