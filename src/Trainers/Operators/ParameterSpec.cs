using System.Collections.Immutable;
using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers;

/// <summary>Name, shape and initial values of one parameter of a network or a learner.</summary>
/// <param name="Name">Name, unique within the network and the learner.</param>
/// <param name="Shape">Shape without task axis; every length at least 1.</param>
public sealed record ParameterSpec(string Name, ImmutableArray<long> Shape)
{
    /// <summary>Mean of the initial values. Default 0.</summary>
    public double InitialMean { get; init; }

    /// <summary>Standard deviation of the normally distributed initial values; default 0 for constants.</summary>
    public double InitialDeviation { get; init; }

    /// <summary>
    /// Whether the parameter belongs to a readout that has one column for each class of a task: the last length of <see cref="Shape"/> is
    /// then 1, and the fast parameter has as many columns as the task has classes. Default false.
    /// </summary>
    public bool IsPerClass { get; init; }

    /// <summary>Number of values.</summary>
    public long Size => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>Whether all members are equal, the shape length by length.</summary>
    /// <param name="other">The other.</param>
    public bool Equals(ParameterSpec? other) => other is not null && Name == other.Name && InitialMean.Equals(other.InitialMean)
        && InitialDeviation.Equals(other.InitialDeviation) && IsPerClass == other.IsPerClass
        && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());

    /// <summary>A hash of the name.</summary>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>Name and shape.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";

    /// <summary>The initial values of all, one after the other.</summary>
    internal static float[] Draw(IEnumerable<ParameterSpec> all, Random random) => [.. all.SelectMany(spec => spec.Draw(random))];

    /// <summary>The initial values, row-major.</summary>
    internal float[] Draw(Random random)
    {
        var values = new float[Size];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(InitialMean + (InitialDeviation == 0 ? 0 : InitialDeviation * random.NextNormal()));
        }

        return values;
    }
}
