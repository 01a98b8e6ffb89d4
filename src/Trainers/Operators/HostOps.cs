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

    /// <summary>
    /// The adjoint of <see cref="Ops{V}.MaxPool"/>, for backends whose <see cref="Ops{V}.MaxPool"/> returns values of the images to the
    /// bit.
    /// </summary>
    /// <param name="images">What was pooled.</param>
    /// <param name="pooled">What became of it.</param>
    /// <param name="adjoint">∂loss/∂<paramref name="pooled"/>.</param>
    /// <param name="map">The windows.</param>
    public abstract V MaxPoolAdjoint(V images, V pooled, V adjoint, PatchMap map);
}
