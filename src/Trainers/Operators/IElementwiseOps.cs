namespace MLNetMeta.Trainers.Operators;

/// <summary>
/// The operators in which optimisers are written: element by element, so that they serve plain vectors, tensors and graphs alike.
/// </summary>
/// <remarks>Values broadcast as in NumPy; rank-0 values do so everywhere.</remarks>
internal interface IElementwiseOps<V>
{
    /// <summary>A rank-0 constant.</summary>
    V Scalar(double value);

    V Add(V a, V b);

    V Subtract(V a, V b);

    V Multiply(V a, V b);

    V Divide(V a, V b);

    /// <summary>a + factor · b.</summary>
    V AddScaled(V a, V b, double factor);

    V Scale(V a, double factor);

    /// <summary>a + offset.</summary>
    V Shift(V a, double offset);

    V Sqrt(V a);

    /// <summary>Zeros of the shape of <paramref name="like"/>.</summary>
    V ZerosLike(V like);
}
