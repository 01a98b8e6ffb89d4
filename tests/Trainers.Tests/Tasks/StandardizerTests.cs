using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks;

public sealed class StandardizerTests
{
    /// <summary>Means and deviations are kept in float32.</summary>
    private const double Float32 = 1e-6;

    [Fact]
    public void Fit_OfKnownColumns_GivesMeanAndDeviation()
    {
        var by = Standardizer.Fit([1, 10, 3, 10, 5, 40], 2);
        Assert.Equal([3, 20], by.Mean);
        Assert.Equal(Math.Sqrt(8.0 / 3), by.Scale[0], Float32);
        Assert.Equal(Math.Sqrt(200), by.Scale[1], Float32 * 20);
    }

    [Fact]
    public void Fit_OfMissingValues_LeavesThemOut()
    {
        var by = Standardizer.Fit([1, float.NaN, 3, float.NaN, 5, float.NaN, float.NaN, float.NaN], 2);
        Assert.Equal([3, 0], by.Mean);
        Assert.Equal(Math.Sqrt(8.0 / 3), by.Scale[0], Float32);
        Assert.Equal(1, by.Scale[1]);
    }

    [Fact]
    public void ApplyInPlace_OfTheFittedRows_HasMeanZeroAndVarianceOne()
    {
        var random = new Random(1);
        float[] values =
        [
            .. Enumerable.Range(0, 300).Select(i => (float)((random.NextDouble() * (i % 3 == 0 ? 1e-3 : 100)) + (i % 3 * 1000))),
        ];
        Standardizer.ApplyInPlace(Standardizer.Fit(values, 3), values);
        for (var column = 0; column < 3; column++)
        {
            var of = values.Where((_, i) => i % 3 == column).Select(v => (double)v).ToArray();
            Assert.Equal(0, of.Average(), 1e-3);
            Assert.Equal(1, of.Average(v => v * v), 1e-3);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.1f)]
    [InlineData(-1e30f)]
    public void Fit_OfAColumnThatNeverVaries_KeepsScaleOne(float value) =>
        Assert.Equal(1, Standardizer.Fit([.. Enumerable.Repeat(value, 7)], 1).Scale[0]);

    [Fact]
    public void Fit_OfSmallVariationFarFromZero_ScalesIt()
    {
        // Unix times of some hours: the deviation is 10⁻⁶ of the mean, and still 30 times what float32 resolves.
        float[] values = [.. Enumerable.Range(0, 20).Select(i => 1.6e9f + (i % 2 * 4096) - 2048)];
        Assert.InRange(Standardizer.Fit(values, 1).Scale[0], 1800, 2300);
    }

    [Fact]
    public void FitAndApply_Cancelled_Throw()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => Standardizer.Fit([1, 2], 1, cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => Standardizer.ApplyInPlace(Standardizer.Identity(1), [1, 2], cancelled.Token));
    }

    [Fact]
    public void Identity_Applied_LeavesValuesAsTheyAre()
    {
        float[] values = [1.5f, -2, 1e30f, 0];
        Standardizer.ApplyInPlace(Standardizer.Identity(2), values);
        Assert.Equal([1.5f, -2, 1e30f, 0], values);
    }
}
