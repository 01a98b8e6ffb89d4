using MLNetMeta.Trainers.Operators;

namespace MLNetMeta.Trainers.Spiking;

/// <summary>
/// The whole gradient of a <see cref="SpikingNet"/> with the pseudo-derivative for that of the spikes: what e-prop approximates.
/// </summary>
internal static class BackpropagationThroughTime
{
    /// <summary>∂/∂(W_in, W_rec, W_out) of the objective.</summary>
    public static V[] Gradient<V>(Ops<V> ops, SpikingObjective objective, Func<string, V> parameters, Rows<V> rows, bool regularized) =>
        EventDrivenGradient.OfRows(ops, objective, throughTime: true, parameters, rows, regularized)
            ?? ByMatrices(ops, objective, parameters, rows, regularized);

    /// <summary>The same for any backend, by dense products and the tape.</summary>
    public static V[] ByMatrices<V>(Ops<V> ops, SpikingObjective objective, Func<string, V> parameters, Rows<V> rows, bool regularized)
    {
        var tape = new Tape<V>(ops);
        var specs = objective.Net.Weights;
        var leaves = tape.Leaves(new NamedValues<V>([.. specs.Select(s => s.Name)], [.. specs.Select(s => parameters(s.Name))]));
        return tape.Gradient(objective.Loss(tape, name => leaves[name], tape.Constants(rows), regularized), leaves.Values);
    }
}
