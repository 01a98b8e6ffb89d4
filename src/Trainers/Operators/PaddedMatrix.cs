using System.Buffers;
using System.Numerics;

namespace MLNetMeta.Trainers.Operators;

/// <summary>A matrix whose rows are filled up with zeros to whole vectors of the processor; in memory that is given back.</summary>
internal sealed class PaddedMatrix<T> : IDisposable
    where T : unmanaged
{
    private readonly T[] _numbers;
    private readonly int _rows;
    private readonly int _columns;
    private readonly int _stride;

    /// <summary>A matrix of zeros.</summary>
    public PaddedMatrix(int rows, int columns)
    {
        (_rows, _columns) = (rows, columns);
        _stride = (columns + Vector<T>.Count - 1) / Vector<T>.Count * Vector<T>.Count;
        _numbers = ArrayPool<T>.Shared.Rent(rows * _stride);
        Clear();
    }

    /// <summary>A row with its padding, which whoever writes here leaves 0.</summary>
    public Span<T> this[int row] => _numbers.AsSpan(row * _stride, _stride);

    public void Clear() => _numbers.AsSpan(0, _rows * _stride).Clear();

    /// <summary>Takes the numbers of a matrix without padding.</summary>
    public void CopyFrom(ReadOnlySpan<T> numbers)
    {
        for (var row = 0; row < _rows; row++)
        {
            numbers.Slice(row * _columns, _columns).CopyTo(this[row]);
        }
    }

    /// <summary>Writes the numbers without padding.</summary>
    public void CopyTo(Span<T> numbers)
    {
        for (var row = 0; row < _rows; row++)
        {
            this[row][.._columns].CopyTo(numbers.Slice(row * _columns, _columns));
        }
    }

    public void Dispose() => ArrayPool<T>.Shared.Return(_numbers);
}
