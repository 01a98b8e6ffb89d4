namespace MLNetMeta.Trainers.Optimizers;

/// <summary>What an optimiser remembers between two steps.</summary>
/// <param name="Shared">Rank-0 values that serve all parameters.</param>
/// <param name="PerParameter">For each parameter its slots, each of the parameter's shape.</param>
internal sealed record OptimizerState<V>(V[] Shared, V[][] PerParameter)
{
    /// <summary>All values in one fixed order.</summary>
    public V[] Flatten() => [.. Shared, .. PerParameter.SelectMany(p => p)];

    /// <summary>The same layout over other values, in the order of <see cref="Flatten"/>.</summary>
    public OptimizerState<U> With<U>(ReadOnlySpan<U> values)
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
