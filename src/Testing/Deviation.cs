using MLNetMeta.Trainers.Torch;
using static TorchSharp.torch;

namespace MLNetMeta.Trainers.Testing;

/// <summary>How far two things are apart that should be equal.</summary>
/// <param name="Error">The distance; NaN where it cannot be said.</param>
/// <param name="Detail">What was compared, with numbers.</param>
internal readonly record struct Deviation(double Error, string Detail)
{
    /// <summary>The largest of several, NaN before all others.</summary>
    public static Deviation Largest(params IEnumerable<Deviation> all) =>
        all.OrderByDescending(deviation => double.IsNaN(deviation.Error) ? double.PositiveInfinity : deviation.Error)
            .FirstOrDefault(new Deviation(0, "nothing to compare"));

    /// <summary>‖a − b‖ / max(‖b‖, 1).</summary>
    public static Deviation Between(string what, Tensor actual, Tensor expected)
    {
        if (!actual.shape.AsSpan().SequenceEqual(expected.shape))
        {
            return new Deviation(
                double.NaN,
                $"{what}: the shapes [{string.Join(", ", actual.shape)}] and [{string.Join(", ", expected.shape)}] differ");
        }

        using var scope = NewDisposeScope();
        return OfNumbers(what, Numbers(actual), Numbers(expected));

        static double[] Numbers(Tensor tensor) => tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>‖a − b‖ / max(‖b‖, 1).</summary>
    public static Deviation OfNumbers(string what, IReadOnlyList<double> actual, IReadOnlyList<double> expected)
    {
        var norm = Math.Sqrt(expected.Sum(value => value * value));
        var distance = Math.Sqrt(actual.Zip(expected, (a, b) => (a - b) * (a - b)).Sum());
        var worst = Enumerable.Range(0, expected.Count).MaxBy(i => Math.Abs(actual[i] - expected[i]));
        return new Deviation(
            distance / Math.Max(1, norm),
            expected.Count == 0
                ? what
                : FormattableString.Invariant($"{what}: {actual[worst]:G8} and {expected[worst]:G8} where they differ most"));
    }
}
