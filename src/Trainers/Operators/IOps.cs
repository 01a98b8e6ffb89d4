namespace MLNetMeta.Trainers.Operators;

/// <summary>The operators in which networks, losses and learners are written, once for every backend.</summary>
/// <remarks>
/// <para>Two backends: <c>TorchOps</c> computes on task-batched tensors, <c>OnnxOps</c> writes nodes of the learner file.
/// <see cref="Tape{V}"/> adds reverse-mode derivatives to either, so a forward pass that is written here needs no second
/// definition for its gradient, nor for ONNX.</para>
/// <para>Axes are counted from the end, because only the torch backend has a leading task axis: <c>[.., rows, units]</c>.
/// Element-wise operators broadcast as NumPy does.</para>
/// </remarks>
internal interface IOps<V> : IElementwiseOps<V>
{
    /// <summary>Matrix product over the last two axes: <c>[.., n, k]</c> × <c>[.., k, m]</c> → <c>[.., n, m]</c>.</summary>
    V MatMul(V a, V b);

    /// <summary>Exchanges the last two axes.</summary>
    V Transpose(V a);

    V Exp(V a);

    V Erf(V a);

    V Tanh(V a);

    V Sigmoid(V a);

    V Relu(V a);

    /// <summary>−1, 0 or 1.</summary>
    V Sign(V a);

    /// <summary>Softmax over the last axis.</summary>
    V Softmax(V a);

    /// <summary>−Σ targets · log softmax(logits) over the last axis: <c>[.., rows, classes]</c> → <c>[.., rows, 1]</c>.</summary>
    V CrossEntropy(V logits, V targets);

    /// <summary>
    /// Σ a · weights over all axes, a rank-0 value; both have the same shape, so that the gradient needs neither a nor its shape.
    /// </summary>
    V WeightedSum(V a, V weights);

    /// <summary>½ Σ strength · (a − centre)² over all axes, a rank-0 value; strength and centre broadcast to a.</summary>
    V QuadraticPull(V a, V centre, V strength);

    /// <summary>Mean over the last axis of (predictions − targets)²: <c>[.., rows, outputs]</c> → <c>[.., rows, 1]</c>.</summary>
    V SquaredError(V predictions, V targets);

    /// <summary>Sum over the last axis, which stays as 1.</summary>
    V SumLast(V a);

    /// <summary>Mean over one axis, counted from the end (−1 is the last), which stays as 1; its length must be known.</summary>
    V Mean(V a, int axis);

    /// <summary>
    /// Mean over rows and positions: <c>[.., rows, positions, channels]</c> → <c>[.., 1, 1, channels]</c>;
    /// the number of rows need not be known.
    /// </summary>
    V MeanOverImages(V images);

    /// <summary>What <see cref="MeanOverImages"/> divides by, rank 0.</summary>
    V ImagePositions(V images);

    /// <summary>Length of an axis, counted from the end; it must be known when a graph is written.</summary>
    int Length(V a, int axis);

    /// <summary><c>[.., n]</c> → <c>[.., n / inner, inner]</c>.</summary>
    V SplitLast(V a, int inner);

    /// <summary><c>[.., m, inner]</c> → <c>[.., m · inner]</c>.</summary>
    V MergeLast(V a);

    /// <summary><c>[.., rows · positions, channels]</c> → <c>[.., rows, positions, channels]</c>.</summary>
    V SplitRows(V a, int positions);

    /// <summary><c>[.., rows, positions, channels]</c> → <c>[.., rows · positions, channels]</c>.</summary>
    V MergeRows(V a);

    /// <summary>
    /// What the windows see: <c>[.., rows, positions, channels]</c> → <c>[.., rows, windows, window size · channels]</c>.
    /// </summary>
    V Patches(V images, PatchMap map);

    /// <summary>The adjoint of <see cref="Patches"/>: every position gets the sum of the window slots that saw it.</summary>
    V Unpatch(V patches, PatchMap map);

    /// <summary>
    /// Sums the axes along which a value of the shape of <paramref name="like"/> was broadcast: the adjoint of broadcasting.
    /// </summary>
    V SumTo(V a, V like);

    /// <summary>Broadcasts to the shape of <paramref name="like"/>.</summary>
    V ExpandTo(V a, V like);

    /// <summary>Gives a value without task axis the task axis of <paramref name="batch"/>; the same value for every task.</summary>
    V PerTask(V shared, V batch);

    /// <summary>Repeats a single column along the last axis, as often as <paramref name="like"/> has columns.</summary>
    V RepeatColumn(V column, V like);

    /// <summary>Fixed numbers, row-major, in the number format of <paramref name="like"/>.</summary>
    V Constant(float[] values, long[] shape, V like);

    /// <summary>
    /// 1 where a exceeds the threshold, else 0. Its derivative is the surrogate's, since its own is zero almost everywhere.
    /// </summary>
    V Spike(V a, Surrogate surrogate);

    /// <summary>The same value, whose derivative is taken for zero.</summary>
    V Hold(V a);

    /// <summary>
    /// The steps of a sequence: <c>[.., rows, time, units]</c> → time × <c>[.., rows, units]</c>; the length of time must be known.
    /// </summary>
    V[] Steps(V sequence);

    /// <summary>The adjoint of <see cref="Steps"/>: time × <c>[.., rows, units]</c> → <c>[.., rows, time, units]</c>.</summary>
    V Sequence(V[] steps);

    /// <summary>Runs a recurrence over time.</summary>
    /// <param name="states">The states before the first step, of any shape.</param>
    /// <param name="inputs">At least one sequence <c>[.., rows, time, units]</c>, read step by step.</param>
    /// <param name="step">
    /// (operators, states, inputs at this step) → (states after it, outputs at it); other values it uses are the same at every step.
    /// </param>
    /// <returns>
    /// The states after the last step, and every output <c>[.., rows, units]</c> as a sequence <c>[.., rows, time, units]</c>.
    /// </returns>
    (V[] States, V[] Outputs) Scan(V[] states, V[] inputs, Func<IOps<V>, V[], V[], (V[] States, V[] Outputs)> step);
}
