namespace MLNetMeta.Trainers.Operators;

/// <summary>A vector in managed memory, or a single number of double precision, which broadcasts.</summary>
/// <param name="Elements">The vector; null for a number.</param>
/// <param name="Number">The number; 0 for a vector.</param>
internal readonly record struct HostVector(float[]? Elements, double Number = 0)
{
    /// <summary>Elements, or the one number.</summary>
    public int Length => Elements?.Length ?? 1;

    public static implicit operator HostVector(float[] elements) => new(elements);
}
