namespace MLNetMeta.Trainers.Operators;

/// <summary>
/// Operators whose values may lie in this process's memory, where code of our own can compute what dense operators do not suit.
/// </summary>
internal abstract class HostOps<V> : Ops<V>
{
    /// <summary>
    /// Whether all values are numbers of type <typeparamref name="T"/> in this process's memory, and nobody records how they came about.
    /// </summary>
    public abstract bool AreAtHand<T>(params ReadOnlySpan<V> values)
        where T : unmanaged;

    /// <summary>
    /// The numbers of a value that is at hand, the last axis fastest. Valid within the caller's dispose scope, as long as the value is.
    /// </summary>
    public abstract ReadOnlySpan<T> Numbers<T>(V value)
        where T : unmanaged;

    /// <summary>A new value of zeros, to be filled.</summary>
    public abstract V Zeros<T>(ReadOnlySpan<long> shape, V like, out Span<T> numbers)
        where T : unmanaged;

    /// <summary>Whether all values are at hand, as numbers of one of the types that loops of our own are written for.</summary>
    public bool AreAtHand(params ReadOnlySpan<V> values) => AreAtHand<float>(values) || AreAtHand<double>(values);

    /// <summary>The adjoint of <see cref="Ops{V}.Normalize"/>, of values at hand.</summary>
    /// <param name="images">What was normalised.</param>
    /// <param name="normalized">What became of it.</param>
    /// <param name="adjoint">∂loss/∂<paramref name="normalized"/>.</param>
    /// <param name="normalization">Not <see cref="ImageNormalization.None"/>.</param>
    /// <param name="epsilon">ε.</param>
    public abstract V NormalizeAdjoint(V images, V normalized, V adjoint, ImageNormalization normalization, double epsilon);

    /// <summary>The adjoint of <see cref="Ops{V}.MaxPool"/>, of values at hand.</summary>
    /// <param name="images">What was pooled.</param>
    /// <param name="pooled">What became of it.</param>
    /// <param name="adjoint">∂loss/∂<paramref name="pooled"/>.</param>
    /// <param name="map">The windows.</param>
    public abstract V MaxPoolAdjoint(V images, V pooled, V adjoint, PatchMap map);

    /// <summary>The adjoint of <see cref="Ops{V}.Relu"/>, of values at hand: what arrives where the result is above 0.</summary>
    public abstract V ReluAdjoint(V result, V adjoint);
}
