using System.Numerics;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>Σx and Σx² of float32 numbers without any rounding: the same whoever adds up which part of them, and in which order.</summary>
/// <remarks>
/// A float is m · 2^e with a whole m of 24 bits. Mantissas are added by exponent in integers, which are put together at the end.
/// </remarks>
internal sealed class ExactSum
{
    private const int Exponents = 255;

    // Of the smallest subnormal number, 2^−149; of its square twice that.
    private const int SmallestExponent = -149;

    private readonly long[] _sums = new long[Exponents];
    private readonly Int128[] _squares = new Int128[Exponents];

    /// <summary>Numbers added; NaN is not counted.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a finite number; NaN adds nothing.</summary>
    public void Add(float value)
    {
        if (float.IsNaN(value))
        {
            return;
        }

        var bits = BitConverter.SingleToInt32Bits(value);
        var exponent = (bits >> 23) & 0xFF;
        // A normal number has a leading 1 that is not stored; subnormal ones have the exponent of the smallest normal ones.
        long mantissa = (bits & 0x7FFFFF) | (exponent == 0 ? 0 : 0x800000);
        var place = Math.Max(exponent - 1, 0);
        _sums[place] += bits < 0 ? -mantissa : mantissa;
        _squares[place] += mantissa * mantissa;
        Count++;
    }

    /// <summary>The sums so far.</summary>
    public Moments ToMoments()
    {
        var (sum, squares) = (BigInteger.Zero, BigInteger.Zero);
        for (var place = 0; place < Exponents; place++)
        {
            sum += (BigInteger)_sums[place] << place;
            squares += (BigInteger)_squares[place] << (2 * place);
        }

        return new Moments(Count, sum, squares);
    }

    /// <summary>Exact sums of a column.</summary>
    /// <param name="Count">How many numbers.</param>
    /// <param name="Sum">Σx in units of 2^−149.</param>
    /// <param name="Squares">Σx² in units of 2^−298.</param>
    internal readonly record struct Moments(long Count, BigInteger Sum, BigInteger Squares)
    {
        public static Moments operator +(Moments a, Moments b) => new(a.Count + b.Count, a.Sum + b.Sum, a.Squares + b.Squares);

        /// <summary>Σx / n; 0 of no numbers.</summary>
        public double Mean => Count == 0 ? 0 : Ratio(Sum, Count, SmallestExponent);

        /// <summary>The root of (n Σx² − (Σx)²) / n²; 0 of no numbers.</summary>
        public double Deviation =>
            Count == 0 ? 0 : Math.Sqrt(Ratio((Count * Squares) - (Sum * Sum), (BigInteger)Count * Count, 2 * SmallestExponent));

        /// <summary>numerator / denominator · 2^exponent, to the precision of a double.</summary>
        private static double Ratio(BigInteger numerator, BigInteger denominator, int exponent)
        {
            // So many bits that the quotient has 64 significant ones.
            var shift = (int)Math.Max(0, 64 + denominator.GetBitLength() - BigInteger.Abs(numerator).GetBitLength());
            return Math.ScaleB((double)((numerator << shift) / denominator), exponent - shift);
        }
    }
}
