using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>
/// The operators in which networks, losses and learners are written, once for every backend: TorchSharp tensors, ONNX graphs, and their
/// gradients.
/// </summary>
/// <remarks>
/// <para>
/// Axes are counted from the end, because some backends have a task axis in front and some do not: <c>[.., rows, units]</c>. Element-wise
/// operators broadcast as in NumPy. A forward pass that is written in these operators needs no second definition for its gradient, nor for
/// ONNX. In TorchSharp an operator is the function of the same name. In ONNX it becomes standard nodes of operator set 17; the
/// documentation of a member names the main ones. Where it gives the gradient, g is that of the result, summed over broadcast axes.
/// </para>
/// <para>
/// Only this library derives from the class: operators may be added without breaking code that uses it. The members are in three groups:
/// algebra, images (<see cref="Patches"/> and what goes with it), and sequences (<see cref="Scan"/>).
/// </para>
/// </remarks>
/// <typeparam name="V">A value of the backend. Write code for any <typeparamref name="V"/>.</typeparam>
public abstract partial class Ops<V> : ElementwiseOps<V>
{
    private protected Ops()
    {
    }

    /// <summary>
    /// Matrix product over the last two axes: <c>[.., n, k]</c> × <c>[.., k, m]</c> → <c>[.., n, m]</c>. Gradient: g bᵀ and aᵀ g.
    /// ONNX: MatMul.
    /// </summary>
    /// <param name="a"><c>[.., n, k]</c>.</param>
    /// <param name="b"><c>[.., k, m]</c>, or <c>[k, m]</c> shared by all tasks.</param>
    public abstract V MatMul(V a, V b);

    /// <summary>Exchanges the last two axes. ONNX: Transpose.</summary>
    /// <param name="a"><c>[.., n, m]</c>.</param>
    public abstract V Transpose(V a);

    /// <summary>eᵃ. Gradient: g · eᵃ. ONNX: Exp.</summary>
    /// <param name="a">The value.</param>
    public abstract V Exp(V a);

    /// <summary>Natural logarithm. Gradient: g / a. ONNX: Log.</summary>
    /// <param name="a">The value, above 0.</param>
    public abstract V Log(V a);

    /// <summary>The error function. Gradient: g · 2/√π · exp(−a²). ONNX: Erf.</summary>
    /// <param name="a">The value.</param>
    public abstract V Erf(V a);

    /// <summary>Hyperbolic tangent. Gradient: g · (1 − tanh² a). ONNX: Tanh.</summary>
    /// <param name="a">The value.</param>
    public abstract V Tanh(V a);

    /// <summary>1 / (1 + e⁻ᵃ). Gradient: g · y (1 − y). ONNX: Sigmoid.</summary>
    /// <param name="a">The value.</param>
    public abstract V Sigmoid(V a);

    /// <summary>max(a, 0). Gradient: g where a is above 0, else 0. ONNX: Relu.</summary>
    /// <param name="a">The value.</param>
    public abstract V Relu(V a);

    /// <summary>−1, 0 or 1. Gradient: 0. ONNX: Sign.</summary>
    /// <param name="a">The value.</param>
    public abstract V Sign(V a);

    /// <summary>Softmax over the last axis. Gradient: y · (g − Σ g · y). ONNX: Softmax.</summary>
    /// <param name="a"><c>[.., n]</c>.</param>
    public abstract V Softmax(V a);

    /// <summary>
    /// −Σ targets · log softmax(logits) over the last axis: <c>[.., rows, classes]</c> → <c>[.., rows, 1]</c>. Gradient with respect to
    /// the logits: g · (softmax(logits) − targets). ONNX: LogSoftmax, Mul, ReduceSum.
    /// </summary>
    /// <param name="logits">Logits.</param>
    /// <param name="targets">Probabilities that sum to 1 over the last axis; no gradient is taken with respect to them.</param>
    public abstract V CrossEntropy(V logits, V targets);

    /// <summary>
    /// Σ a · weights over all axes, tasks included: a rank-0 value. Gradient: g · weights and g · a. ONNX: Mul, ReduceSum.
    /// </summary>
    /// <param name="a">Values.</param>
    /// <param name="weights">Weights of the same shape.</param>
    public abstract V WeightedSum(V a, V weights);

    /// <summary>
    /// ½ Σ strength · (a − centre)² over all axes, tasks included: a rank-0 value. Gradient with respect to a: g · strength · (a − centre).
    /// ONNX: Sub, Mul, ReduceSum.
    /// </summary>
    /// <param name="a">Values.</param>
    /// <param name="centre">What they are pulled to; broadcasts to <paramref name="a"/>.</param>
    /// <param name="strength">How strongly; broadcasts to <paramref name="a"/>.</param>
    public abstract V QuadraticPull(V a, V centre, V strength);

    /// <summary>
    /// Mean over the last axis of (predictions − targets)²: <c>[.., rows, outputs]</c> → <c>[.., rows, 1]</c>. Gradient with respect to
    /// the predictions: g · 2 (predictions − targets) / outputs. ONNX: Sub, Mul, ReduceSum.
    /// </summary>
    /// <param name="predictions">Predictions.</param>
    /// <param name="targets">Targets; no gradient is taken with respect to them.</param>
    public abstract V SquaredError(V predictions, V targets);

    /// <summary>Sum over the last axis, which stays as 1. Gradient: g for each element. ONNX: ReduceSum.</summary>
    /// <param name="a"><c>[.., n]</c>.</param>
    public abstract V SumLast(V a);

    /// <summary>Mean over one axis, which stays as 1. Gradient: g / length for each element. ONNX: ReduceSum, Mul.</summary>
    /// <param name="a">Values.</param>
    /// <param name="axis">The axis, counted from the end: −1 is the last. Its length must be known: not the rows of a graph.</param>
    public abstract V Mean(V a, int axis);

    /// <summary>Length of an axis.</summary>
    /// <param name="a">The value.</param>
    /// <param name="axis">The axis, counted from the end: −1 is the last.</param>
    /// <exception cref="NotSupportedException">A graph is being written and the axis has any length: rows, tasks, classes.</exception>
    public abstract int Length(V a, int axis);

    /// <summary><c>[.., n]</c> → <c>[.., n / inner, inner]</c>. ONNX: Reshape.</summary>
    /// <param name="a"><c>[.., n]</c>.</param>
    /// <param name="inner">Length of the new last axis; divides n.</param>
    public abstract V SplitLast(V a, int inner);

    /// <summary><c>[.., m, inner]</c> → <c>[.., m · inner]</c>. ONNX: Reshape.</summary>
    /// <param name="a"><c>[.., m, inner]</c>.</param>
    public abstract V MergeLast(V a);

    /// <summary>
    /// Sums the axes along which a value of another shape would be broadcast: the adjoint of broadcasting. With a shared value as
    /// <paramref name="like"/> it sums over tasks. ONNX: ReduceSum.
    /// </summary>
    /// <param name="a">What is summed.</param>
    /// <param name="like">The value whose shape the result has.</param>
    public abstract V SumTo(V a, V like);

    /// <summary>Broadcasts to another value's shape. ONNX: Expand.</summary>
    /// <param name="a">What is broadcast.</param>
    /// <param name="like">The value whose shape the result has.</param>
    public abstract V ExpandTo(V a, V like);

    /// <summary>
    /// Gives a value without task axis a task axis; all tasks get the same value. Fast parameters start so: from slow ones. ONNX: Expand,
    /// or nothing in a graph of one task.
    /// </summary>
    /// <param name="shared">A value without task axis, such as a slow parameter.</param>
    /// <param name="batch">A value that has one, such as <see cref="Rows{V}.Targets"/>.</param>
    public abstract V PerTask(V shared, V batch);

    /// <summary>
    /// Repeats a single column along the last axis: <c>[.., n, 1]</c> → <c>[.., n, columns]</c>. A readout with one column for each class
    /// of a task starts so. ONNX: Expand.
    /// </summary>
    /// <param name="column"><c>[.., n, 1]</c>.</param>
    /// <param name="like">The value that has as many columns as the result.</param>
    public abstract V RepeatColumn(V column, V like);

    /// <summary>Fixed numbers. ONNX: an initializer.</summary>
    /// <param name="values">The numbers, row-major.</param>
    /// <param name="shape">Their shape, without task axis.</param>
    /// <param name="like">A value whose number format is taken.</param>
    public abstract V Constant(float[] values, long[] shape, V like);

    /// <summary>The same value; its gradient is taken to be 0.</summary>
    /// <param name="a">The value.</param>
    public abstract V StopGradient(V a);

    /// <summary>
    /// 1 where a exceeds the threshold, else 0. Its derivative is the surrogate's, since its own is zero almost everywhere.
    /// </summary>
    internal abstract V Spike(V a, Surrogate surrogate);

    /// <summary>The adjoint of <see cref="Relu"/>: what arrives where the result is above 0.</summary>
    internal virtual V ReluAdjoint(V result, V adjoint) => Multiply(adjoint, Sign(result));
}
