using System.Numerics;
using System.Runtime.Intrinsics;
using MLNetMeta.Trainers.Numerics;

namespace MLNetMeta.Trainers.Networks;

/// <summary>The neurons that spike at one time step, and how strongly: 1, unless an input is graded.</summary>
internal readonly ref struct Events<T>(ReadOnlySpan<int> neurons, ReadOnlySpan<T> strengths)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A bit for each value of a vector.</summary>
    private static readonly uint _everyone = (1u << Vector256<T>.Count) - 1;

    private readonly ReadOnlySpan<T> _strengths = strengths;

    public ReadOnlySpan<int> Neurons { get; } = neurons;

    /// <summary>Writes down whose value is not 0, and the values; returns how many they are.</summary>
    public static int FindNonzero(ReadOnlySpan<T> values, Span<int> neurons, Span<T> strengths)
    {
        var count = 0;
        var neuron = 0;
        for (; neuron + Vector256<T>.Count <= values.Length; neuron += Vector256<T>.Count)
        {
            var zero = Vector256.Equals(Vector256.Create(values.Slice(neuron, Vector256<T>.Count)), Vector256<T>.Zero);
            WriteDown(~zero.ExtractMostSignificantBits() & _everyone, neuron, neurons, ref count);
        }

        for (; neuron < values.Length; neuron++)
        {
            WriteDown(values[neuron] == T.Zero ? 0u : 1u, neuron, neurons, ref count);
        }

        for (var e = 0; e < count; e++)
        {
            strengths[e] = values[neurons[e]];
        }

        return count;
    }

    /// <summary>Writes down whose value exceeds a threshold, or is NaN; returns how many they are.</summary>
    public static int FindAbove(ReadOnlySpan<T> values, T threshold, Span<int> neurons)
    {
        var (count, neuron, bound) = (0, 0, Vector256.Create(threshold));
        for (; neuron + Vector256<T>.Count <= values.Length; neuron += Vector256<T>.Count)
        {
            var below = Vector256.LessThanOrEqual(Vector256.Create(values.Slice(neuron, Vector256<T>.Count)), bound);
            WriteDown(~below.ExtractMostSignificantBits() & _everyone, neuron, neurons, ref count);
        }

        for (; neuron < values.Length; neuron++)
        {
            WriteDown(values[neuron] <= threshold ? 0u : 1u, neuron, neurons, ref count);
        }

        return count;
    }

    /// <summary>sum += factor · Σ over events of strength · the neuron's row of a matrix.</summary>
    public void AddRowsTo(Span<T> sum, ReadOnlySpan<T> matrix, T factor)
    {
        for (var e = 0; e < Neurons.Length; e++)
        {
            Vectors.AddScaled(sum, matrix.Slice(Neurons[e] * sum.Length, sum.Length), _strengths[e] * factor);
        }
    }

    /// <summary>The neuron's row of a matrix += strength · row, for every event.</summary>
    public void AddToRows(Span<T> matrix, ReadOnlySpan<T> row)
    {
        for (var e = 0; e < Neurons.Length; e++)
        {
            Vectors.AddScaled(matrix.Slice(Neurons[e] * row.Length, row.Length), row, _strengths[e]);
        }
    }

    /// <summary>Writes down the neurons whose bits are set.</summary>
    private static void WriteDown(uint bits, int first, Span<int> neurons, ref int count)
    {
        for (; bits != 0; bits &= bits - 1)
        {
            neurons[count++] = first + BitOperations.TrailingZeroCount(bits);
        }
    }
}
