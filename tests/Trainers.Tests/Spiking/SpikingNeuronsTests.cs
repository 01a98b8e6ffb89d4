using Xunit;

namespace MLNetMeta.Trainers.Tests.Spiking;

/// <summary>Spikes as events, for widths below, at and between those of the processor's vectors.</summary>
public sealed class SpikingNeuronsTests
{
    public static TheoryData<int> Widths => [1, 4, 7, 8, 9, 31, 32, 33, 63, 64, 65, 100, 128, 131];

    [Theory]
    [MemberData(nameof(Widths))]
    public void FindOutside_TwoBounds_FindsWhoIsNotWithin(int width)
    {
        var values = Values(width);
        values[width / 2] = 0.5f;
        int[] Found(float low, float high)
        {
            var neurons = new int[width];
            return neurons[..SpikingNeurons<float>.FindOutside(values, low, high, neurons)];
        }

        Assert.Equal(Enumerable.Range(0, width).Where(i => values[i] != 0), Found(0, 0));
        Assert.Equal(Enumerable.Range(0, width).Where(i => values[i] > 0.5f), Found(float.NegativeInfinity, 0.5f));
        Assert.Equal(Enumerable.Range(0, width).Where(i => values[i] < -0.3f || values[i] > 0.5f), Found(-0.3f, 0.5f));
    }

    [Fact]
    public void FindOutside_OfNaN_FindsIt_SoThatItSpreads()
    {
        var neurons = new int[20];
        var values = new double[20];
        (values[3], values[19]) = (double.NaN, double.NaN);
        Assert.Equal([3, 19], neurons[..SpikingNeurons<double>.FindOutside(values, double.NegativeInfinity, 0.1, neurons)]);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void AddRowsTo_AndAddToRows_AreProductsWithAVectorOfStrengths(int width)
    {
        var random = new Random(width);
        double[] numbers = [.. Enumerable.Range(0, 9 * width).Select(_ => random.NextDouble())];
        using var matrix = new PaddedMatrix<double>(9, width);
        matrix.CopyFrom(numbers);
        using var row = new PaddedMatrix<double>(1, width);
        row.CopyFrom([.. Enumerable.Range(0, width).Select(i => i + 1.0)]);
        double[] expectedMatrix = [.. numbers];
        int[] neurons = [0, 2, 3, 5, 7, 8];
        double[] strengths = [1, -0.5, 2, 1, 1, 0.25];
        for (var e = 0; e < neurons.Length; e++)
        {
            for (var i = 0; i < width; i++)
            {
                expectedMatrix[(neurons[e] * width) + i] += strengths[e] * (i + 1);
            }
        }

        for (var count = 0; count <= neurons.Length; count++)
        {
            var events = new SpikingNeurons<double>(neurons.AsSpan(0, count), strengths);
            using var sum = new PaddedMatrix<double>(1, width);
            sum.CopyFrom(row[0][..width]);
            events.AddRowsTo(sum[0], matrix);
            for (var i = 0; i < width; i++)
            {
                var partial = row[0][i] + Enumerable.Range(0, count).Sum(e => strengths[e] * numbers[(neurons[e] * width) + i]);
                Assert.Equal(partial, sum[0][i], 1e-12);
            }

            Assert.All(sum[0][width..].ToArray(), padding => Assert.Equal(0, padding));
        }

        new SpikingNeurons<double>(neurons, strengths).AddToRows(matrix, row[0]);
        var after = new double[numbers.Length];
        matrix.CopyTo(after);
        Assert.All(after.Zip(expectedMatrix), pair => Assert.Equal(pair.Second, pair.First, 1e-12));
    }

    private static float[] Values(int width)
    {
        var random = new Random(width);
        return [.. Enumerable.Range(0, width).Select(
            _ => random.Next(3) switch { 0 => 0f, 1 => -0.0f, _ => (random.NextSingle() * 2) - 0.9f })];
    }
}
