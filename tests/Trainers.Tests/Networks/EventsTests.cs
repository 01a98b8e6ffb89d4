using MLNetMeta.Trainers.Networks;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Networks;

/// <summary>Spikes as events, for widths below, at and between those of the processor's vectors.</summary>
public sealed class EventsTests
{
    public static TheoryData<int> Widths => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void FindNonzero_OfGradedInputs_FindsNeuronsAndStrengths(int width)
    {
        var values = Values(width);
        var (neurons, strengths) = (new int[width], new float[width]);
        var count = Events<float>.FindNonzero(values, neurons, strengths);
        var expected = Enumerable.Range(0, width).Where(i => values[i] != 0).ToArray();
        Assert.Equal(expected, neurons[..count]);
        Assert.Equal(expected.Select(i => values[i]), strengths[..count]);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void FindAbove_AThreshold_FindsWhatMatricesCallASpike(int width)
    {
        var values = Values(width);
        values[width / 2] = 0.5f;
        var neurons = new int[width];
        var count = Events<float>.FindAbove(values, 0.5f, neurons);
        Assert.Equal(Enumerable.Range(0, width).Where(i => values[i] > 0.5f), neurons[..count]);
    }

    [Fact]
    public void FindAbove_OfNaN_CallsItASpike_SoThatItSpreads()
    {
        var neurons = new int[20];
        var values = new double[20];
        (values[3], values[19]) = (double.NaN, double.NaN);
        Assert.Equal([3, 19], neurons[..Events<double>.FindAbove(values, 0.1, neurons)]);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void AddRowsTo_AndAddToRows_AreProductsWithAVectorOfStrengths(int width)
    {
        var random = new Random(width);
        double[] matrix = [.. Enumerable.Range(0, 6 * width).Select(_ => random.NextDouble())];
        int[] neurons = [0, 3, 5];
        double[] strengths = [1, -0.5, 2];
        var events = new Events<double>(neurons, strengths);

        double[] sum = [.. Enumerable.Range(0, width).Select(i => (double)i)];
        events.AddRowsTo(sum, matrix, 0.1);
        for (var i = 0; i < width; i++)
        {
            Assert.Equal(i + (0.1 * (matrix[i] - (0.5 * matrix[(3 * width) + i]) + (2 * matrix[(5 * width) + i]))), sum[i], 12);
        }

        double[] row = [.. Enumerable.Range(0, width).Select(i => i + 1.0)];
        double[] after = [.. matrix];
        events.AddToRows(after, row);
        for (var i = 0; i < matrix.Length; i++)
        {
            var e = Array.IndexOf(neurons, i / width);
            Assert.Equal(matrix[i] + (e < 0 ? 0 : strengths[e] * row[i % width]), after[i], 12);
        }
    }

    private static float[] Values(int width)
    {
        var random = new Random(width);
        return [.. Enumerable.Range(0, width).Select(_ => random.Next(3) switch { 0 => 0f, 1 => -0.0f, _ => (random.NextSingle() * 2) - 0.9f })];
    }
}
