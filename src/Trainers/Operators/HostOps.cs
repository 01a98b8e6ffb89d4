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
}
