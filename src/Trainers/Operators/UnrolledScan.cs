namespace MLNetMeta.Trainers.Operators;

/// <summary>
/// A recurrence written out, one step after the other: <see cref="Ops{V}.Scan"/> of backends that have no loop of their own.
/// </summary>
internal static class UnrolledScan
{
    public static (V[] States, V[] Outputs) Scan<V>(
        Ops<V> ops, V[] states, V[] inputs, Func<Ops<V>, V[], V[], (V[] States, V[] Outputs)> step)
    {
        var slices = Array.ConvertAll(inputs, ops.Steps);
        var outputs = new List<V[]>();
        for (var t = 0; t < slices[0].Length; t++)
        {
            (states, var output) = step(ops, states, Array.ConvertAll(slices, s => s[t]));
            outputs.Add(output);
        }

        return (states, [.. Enumerable.Range(0, outputs[0].Length).Select(o => ops.Sequence([.. outputs.Select(output => output[o])]))]);
    }
}
