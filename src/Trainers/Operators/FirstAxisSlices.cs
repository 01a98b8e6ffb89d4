namespace MLNetMeta.Trainers.Operators;

/// <summary>Numbers along the first axis of an array: block i are those of index i.</summary>
internal readonly ref struct FirstAxisSlices<T>(ReadOnlySpan<T> numbers, int count)
{
    private readonly ReadOnlySpan<T> _numbers = numbers;
    private readonly int _size = numbers.Length / count;

    public ReadOnlySpan<T> this[int index] => _numbers.Slice(index * _size, _size);
}
