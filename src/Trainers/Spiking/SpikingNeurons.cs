using System.Numerics;
using System.Runtime.Intrinsics;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>The neurons that spike at one time step, and how strongly: 1, unless an input is graded.</summary>
internal readonly ref struct SpikingNeurons<T>(ReadOnlySpan<int> neurons, ReadOnlySpan<T> strengths)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A bit for each value of a vector.</summary>
    private static readonly uint _everyone = (1u << Vector256<T>.Count) - 1;

    private readonly ReadOnlySpan<T> _strengths = strengths;

    public ReadOnlySpan<int> Neurons { get; } = neurons;

    /// <summary>Writes down whose value is not within two bounds (NaN is not); returns how many they are.</summary>
    /// <param name="values">Of all neurons.</param>
    /// <param name="low">The lower bound.</param>
    /// <param name="high">The upper bound.</param>
    /// <param name="neurons">As long as <paramref name="values"/>; filled from its start.</param>
    public static int FindOutside(ReadOnlySpan<T> values, T low, T high, Span<int> neurons)
    {
        var (count, wideLow, wideHigh) = (0, Vector256.Create(low), Vector256.Create(high));
        for (var first = 0; first < values.Length; first += 64)
        {
            // Of 64 neurons at a time: every look whether any of them spikes costs a mispredicted branch.
            var some = values[first..Math.Min(first + 64, values.Length)];
            var (bits, i) = (0UL, 0);
            for (; i + Vector256<T>.Count <= some.Length; i += Vector256<T>.Count)
            {
                var wide = Vector256.Create(some.Slice(i, Vector256<T>.Count));
                var isWithin = Vector256.GreaterThanOrEqual(wide, wideLow) & Vector256.LessThanOrEqual(wide, wideHigh);
                bits |= (ulong)(isWithin.ExtractMostSignificantBits() ^ _everyone) << i;
            }

            for (; i < some.Length; i++)
            {
                bits |= (some[i] >= low && some[i] <= high ? 0UL : 1UL) << i;
            }

            for (; bits != 0; bits &= bits - 1)
            {
                neurons[count++] = first + BitOperations.TrailingZeroCount(bits);
            }
        }

        return count;
    }

    /// <summary>sum += Σ over events of strength · the neuron's row of a matrix.</summary>
    public void AddRowsTo(Span<T> sum, PaddedMatrix<T> matrix)
    {
        for (var e = 0; e < Neurons.Length; e++)
        {
            VectorLoops.AddScaled(sum, matrix[Neurons[e]], _strengths[e]);
        }
    }

    /// <summary>The neuron's row of a matrix += strength · row, for every event.</summary>
    public void AddToRows(PaddedMatrix<T> matrix, ReadOnlySpan<T> row)
    {
        for (var e = 0; e < Neurons.Length; e++)
        {
            VectorLoops.AddScaled(matrix[Neurons[e]], row, _strengths[e]);
        }
    }
}
