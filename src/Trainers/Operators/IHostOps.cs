namespace MLNetMeta.Trainers.Operators;

/// <summary>
/// Operators whose values may lie in this process's memory, where code of our own can compute what dense operators do not suit.
/// </summary>
internal interface IHostOps<V> : IOps<V>
{
    /// <summary>
    /// Whether all values are numbers of type <typeparamref name="T"/> in this process's memory, and nobody records how they came about.
    /// </summary>
    bool AreAtHand<T>(params ReadOnlySpan<V> values)
        where T : unmanaged;

    /// <summary>
    /// The numbers of a value that is at hand, the last axis fastest. Valid within the caller's dispose scope, as long as the value is.
    /// </summary>
    ReadOnlySpan<T> Numbers<T>(V value)
        where T : unmanaged;

    /// <summary>A new value of zeros, to be filled.</summary>
    V Zeros<T>(ReadOnlySpan<long> shape, V like, out Span<T> numbers)
        where T : unmanaged;
}
