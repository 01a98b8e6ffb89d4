using System.Globalization;
namespace MLNetMeta.Samples;

/// <summary>Checks whether a saved and reloaded model predicts the same.</summary>
internal static class Agreement
{
    /// <summary>Relative tolerance: both models compute in single precision, perhaps in a different order.</summary>
    private const double Tolerance = 1e-5;

    public static bool Report(string name, float[] actual, float[] expected)
    {
        var scale = Math.Max(1, expected.Max(Math.Abs));
        var difference = actual.Zip(expected, (a, b) => (double)Math.Abs(a - b)).Max() / scale;
        var agrees = actual.Length == expected.Length && difference <= Tolerance;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"   {name}: {actual.Length} predictions {(agrees ? "equal" : "DIFFER FROM")} the model's (largest relative difference "
            + $"{difference:G2})"));
        return agrees;
    }
}
