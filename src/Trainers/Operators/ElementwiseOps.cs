namespace MLNetMeta.Trainers;

/// <summary>
/// Operators that act element by element. Update rules of optimisers are written in them, so that one definition serves plain vectors,
/// tensors and ONNX graphs.
/// </summary>
/// <remarks>
/// Values broadcast as in NumPy; a rank-0 value broadcasts to any shape. Only this library derives from the class: operators may be added
/// without breaking code that uses it.
/// </remarks>
/// <typeparam name="V">
/// A value of the backend: a tensor of TorchSharp, a node of an ONNX graph, a vector in managed memory, or a value whose gradient is being
/// recorded. Write code for any <typeparamref name="V"/>.
/// </typeparam>
public abstract class ElementwiseOps<V>
{
    private protected ElementwiseOps()
    {
    }

    /// <summary>A rank-0 constant. ONNX: an initializer.</summary>
    /// <param name="value">The number.</param>
    public abstract V Scalar(double value);

    /// <summary>a + b. Gradient: that of the sum, for both. ONNX: Add.</summary>
    /// <param name="a">First summand.</param>
    /// <param name="b">Second summand.</param>
    public abstract V Add(V a, V b);

    /// <summary>a − b. Gradient: g and −g. ONNX: Sub.</summary>
    /// <param name="a">Minuend.</param>
    /// <param name="b">Subtrahend.</param>
    public abstract V Subtract(V a, V b);

    /// <summary>a · b, element by element. Gradient: g · b and g · a. ONNX: Mul.</summary>
    /// <param name="a">First factor.</param>
    /// <param name="b">Second factor.</param>
    public abstract V Multiply(V a, V b);

    /// <summary>a / b, element by element. Gradient: g / b and −g · a / b². ONNX: Div.</summary>
    /// <param name="a">Dividend.</param>
    /// <param name="b">Divisor.</param>
    public abstract V Divide(V a, V b);

    /// <summary>a + factor · b. ONNX: Mul, Add.</summary>
    /// <param name="a">First summand.</param>
    /// <param name="b">Second summand, before it is scaled.</param>
    /// <param name="factor">Factor of <paramref name="b"/>.</param>
    public abstract V AddScaled(V a, V b, double factor);

    /// <summary>factor · a. ONNX: Mul.</summary>
    /// <param name="a">The value.</param>
    /// <param name="factor">The factor.</param>
    public abstract V Scale(V a, double factor);

    /// <summary>a + offset. ONNX: Add.</summary>
    /// <param name="a">The value.</param>
    /// <param name="offset">The offset.</param>
    public abstract V Shift(V a, double offset);

    /// <summary>√a. Gradient: g / (2 √a), which is infinite at 0: add a small number first. ONNX: Sqrt.</summary>
    /// <param name="a">The value, not negative.</param>
    public abstract V Sqrt(V a);

    /// <summary>Zeros of a value's shape; the value must be finite. ONNX: Mul by 0.</summary>
    /// <param name="like">The value whose shape is taken.</param>
    public abstract V ZerosLike(V like);
}
