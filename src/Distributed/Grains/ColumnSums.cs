using System.Numerics;
using MLNetMeta.Trainers.Tasks;

namespace MLNetMeta.Distributed.Grains;

/// <summary>Exact sums of a column, as they travel.</summary>
[GenerateSerializer]
[Alias("MLNetMeta.ColumnSums")]
internal readonly record struct ColumnSums(long Count, byte[] Sum, byte[] Squares)
{
    public static ColumnSums Of(ExactSum.Moments moments) =>
        new(moments.Count, moments.Sum.ToByteArray(), moments.Squares.ToByteArray());

    public ExactSum.Moments ToMoments() => new(Count, new BigInteger(Sum), new BigInteger(Squares));
}
