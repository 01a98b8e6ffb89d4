using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Cases;

/// <summary>How close is equal.</summary>
internal static class Tolerance
{
    /// <summary>Two orders of summation of the same float64 numbers.</summary>
    public const double Rounding64 = 1e-11;

    /// <summary>float64 numbers with constants that are kept in float32, such as the coefficients of filters.</summary>
    public const double Rounding32Constants = 1e-6;

    /// <summary>Two orders of summation of the same float32 numbers, over tens of steps.</summary>
    public const double Rounding32 = 1e-4;

    /// <summary>‖a − b‖ / ‖b‖ over all elements of both lists.</summary>
    public static double RelativeDistance(IEnumerable<torch.Tensor> actual, IEnumerable<torch.Tensor> expected)
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (Flat(actual), Flat(expected));
        Assert.Equal(b.Length, a.Length);
        return RelativeDistance(a, b);

        static double[] Flat(IEnumerable<torch.Tensor> tensors) =>
            [.. tensors.SelectMany(t => t.to(torch.ScalarType.Float64).contiguous().data<double>().ToArray())];
    }

    public static double RelativeDistance(Parameters actual, Parameters expected)
    {
        Assert.Equal(expected.Names.ToArray(), actual.Names.ToArray());
        return RelativeDistance(actual.Values.Values, expected.Values.Values);
    }

    public static double RelativeDistance(IReadOnlyList<double> actual, IReadOnlyList<double> expected)
    {
        Assert.Equal(expected.Count, actual.Count);
        var scale = Math.Sqrt(expected.Sum(e => e * e));
        Assert.True(scale > 0, "The expected value is zero, and so says nothing.");
        return Math.Sqrt(actual.Zip(expected, (a, e) => (a - e) * (a - e)).Sum()) / scale;
    }

    public static void AssertClose(Parameters actual, Parameters expected, double tolerance)
    {
        var distance = RelativeDistance(actual, expected);
        Assert.True(distance <= tolerance, $"relative distance {distance:E2}, allowed {tolerance:E2}");
    }

    public static void AssertClose(IReadOnlyList<double> actual, IReadOnlyList<double> expected, double tolerance)
    {
        var distance = RelativeDistance(actual, expected);
        Assert.True(
            distance <= tolerance,
            $"relative distance {distance:E2}, allowed {tolerance:E2}: {string.Join(", ", actual)} against {string.Join(", ", expected)}");
    }

    /// <summary>Bit for bit.</summary>
    public static void AssertIdentical(Parameters actual, Parameters expected)
    {
        Assert.Equal(expected.Names.ToArray(), actual.Names.ToArray());
        foreach (var (name, a, b) in actual.Names.ToArray().Zip(actual.Values.Values, expected.Values.Values))
        {
            Assert.True(a.eq(b).all().ToTruth(), $"{name} differs");
        }
    }
}
