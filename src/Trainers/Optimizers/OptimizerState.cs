namespace MLNetMeta.Trainers;

/// <summary>The state that an optimiser keeps between two steps.</summary>
/// <param name="shared">Rank-0 values that all parameters share.</param>
/// <param name="perParameter">
/// The slots of each parameter, each with the shape of the parameter; empty arrays if the optimiser keeps no state.
/// </param>
/// <typeparam name="V">Type of the backend's values.</typeparam>
public sealed class OptimizerState<V>(V[] shared, V[][] perParameter)
{
    /// <summary>Rank-0 values that all parameters share.</summary>
    public V[] Shared { get; } = shared;

    /// <summary>The slots of each parameter, each with the shape of the parameter.</summary>
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
