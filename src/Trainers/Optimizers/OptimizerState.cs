namespace MLNetMeta.Trainers;

/// <summary>What an optimiser remembers between two steps.</summary>
/// <param name="shared">Rank-0 values that serve all parameters.</param>
/// <param name="perParameter">
/// For each parameter its slots, each of the parameter's shape; empty arrays where the optimiser remembers nothing.
/// </param>
/// <typeparam name="V">A value of the backend.</typeparam>
public sealed class OptimizerState<V>(V[] shared, V[][] perParameter)
{
    /// <summary>Rank-0 values that serve all parameters.</summary>
    public V[] Shared { get; } = shared;

    /// <summary>For each parameter its slots, each of the parameter's shape.</summary>
    public V[][] PerParameter { get; } = perParameter;

    /// <summary>All values in one fixed order.</summary>
    internal V[] Flatten() => [.. Shared, .. PerParameter.SelectMany(p => p)];

    /// <summary>The same layout over other values, in the order of <see cref="Flatten"/>.</summary>
    internal OptimizerState<U> With<U>(ReadOnlySpan<U> values)
    {
        var next = Shared.Length;
        var shared = values[..next].ToArray();
        var perParameter = new U[PerParameter.Length][];
        for (var i = 0; i < perParameter.Length; i++)
        {
            perParameter[i] = values.Slice(next, PerParameter[i].Length).ToArray();
            next += perParameter[i].Length;
        }

        return new OptimizerState<U>(shared, perParameter);
    }
}
