namespace MLNetMeta.Trainers;

/// <content>Sequences: <c>[.., rows, time, units]</c>.</content>
public abstract partial class Ops<V>
{
    /// <summary>
    /// The steps of a sequence: <c>[.., rows, time, units]</c> → time × <c>[.., rows, units]</c>. ONNX: Gather.
    /// </summary>
    /// <param name="sequence"><c>[.., rows, time, units]</c>; the length of time must be known.</param>
    public abstract V[] Steps(V sequence);

    /// <summary>A sequence of steps: time × <c>[.., rows, units]</c> → <c>[.., rows, time, units]</c>. ONNX: Unsqueeze, Concat.</summary>
    /// <param name="steps">At least one, all of one shape.</param>
    public abstract V Sequence(V[] steps);

    /// <summary>
    /// Runs a recurrence over time. Gradient: backpropagation through time. ONNX: Scan; where a gradient is taken the steps are written
    /// out, so that the length of time must be known and the graph grows with it.
    /// </summary>
    /// <param name="states">The states before the first step, of any shape.</param>
    /// <param name="inputs">At least one sequence <c>[.., rows, time, units]</c>, read step by step.</param>
    /// <param name="step">
    /// (operators, states, inputs at this step) → (states after it, outputs at it); other values it uses are the same at every step.
    /// </param>
    /// <returns>
    /// The states after the last step, and every output <c>[.., rows, units]</c> as a sequence <c>[.., rows, time, units]</c>.
    /// </returns>
    public abstract (V[] States, V[] Outputs) Scan(
        V[] states, V[] inputs, Func<Ops<V>, V[], V[], (V[] States, V[] Outputs)> step);
}
