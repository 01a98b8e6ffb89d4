using System.Collections.Immutable;

namespace MLNetMeta.Trainers.Operators;

/// <summary>Name, shape (without task axis) and initial values of one parameter.</summary>
/// <param name="Name">Name, unique within its list.</param>
/// <param name="Shape">Shape without task axis.</param>
/// <param name="Initial">Mean of the initial values.</param>
/// <param name="Spread">Standard deviation of the normally distributed initial values around the mean; 0 for constants.</param>
/// <param name="IsPerClass">True for a parameter of the readout that has one column for each class of a task.</param>
internal sealed record ParameterSpec(
    string Name, ImmutableArray<long> Shape, double Initial = 0, double Spread = 0, bool IsPerClass = false)
{
    public long Size => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>The initial values of all, one after the other.</summary>
    public static float[] Draw(IEnumerable<ParameterSpec> all, Random random) => [.. all.SelectMany(spec => spec.Draw(random))];

    /// <summary>The initial values, row-major.</summary>
    public float[] Draw(Random random)
    {
        var values = new float[Size];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(Initial + (Spread == 0 ? 0 : Spread * random.NextNormal()));
        }

        return values;
    }
}
