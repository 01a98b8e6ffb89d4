using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks;

/// <summary>Sums do not depend on who adds up what.</summary>
public sealed class ExactSumTests
{
    [Fact]
    public void Moments_OfParts_AddUpToThoseOfAll_ToTheBit()
    {
        var random = new Random(1);
        float[] values =
        [
            .. Enumerable.Range(0, 3000).Select(_ => (float)(random.NextNormal() * Math.Pow(10, random.Next(-30, 30)))),
            float.Epsilon, -float.Epsilon, float.MaxValue, 0, -0f, 1e-40f,
        ];
        var all = Of(values);
        random.Shuffle(values);
        Assert.Equal(all, values.Chunk(137).Select(Of).Aggregate((sum, part) => sum + part));
        Assert.Equal(values.Length, all.Count);
    }

    [Theory]
    [InlineData(new[] { 1f, 2f, 4f }, 7.0 / 3, 1.2472191289246473)]
    [InlineData(new[] { 1e30f, 1f, -1e30f }, 1.0 / 3, 8.16496580927726e29)]
    [InlineData(new[] { -5f }, -5, 0)]
    [InlineData(new float[0], 0, 0)]
    public void MeanAndDeviation_OfKnownNumbers_AreExact(float[] values, double mean, double deviation)
    {
        var moments = Of(values);
        Assert.Equal(mean, moments.Mean, 1e-14 * Math.Abs(mean));
        Assert.Equal(deviation, moments.Deviation, 1e-7 * deviation);
    }

    /// <summary>Two passes in double lose these digits.</summary>
    [Fact]
    public void Deviation_OfSmallVariationFarFromZero_LosesNoDigit() =>
        Assert.Equal(1, Of([16777214, 16777216, 16777214, 16777216]).Deviation, 1e-15);

    [Fact]
    public void Add_OfNaN_AddsNothing() => Assert.Equal(Of([1, 3]), Of([1, float.NaN, 3]));

    private static ExactSum.Moments Of(float[] values)
    {
        var sum = new ExactSum();
        Array.ForEach(values, sum.Add);
        return sum.ToMoments();
    }
}
