using Microsoft.ML.OnnxRuntime;

namespace MLNetMeta.Transforms.Learners;

/// <summary>A graph of float tensors in an ONNX Runtime session of one thread; called by several threads at once.</summary>
internal sealed class GraphSession : IDisposable
{
    private readonly SharedSession _session;

    /// <param name="model">The model's bytes.</param>
    /// <param name="provider">What computes.</param>
    public GraphSession(byte[] model, ExecutionProvider provider) => _session = new SharedSession(() => model, threads: 1, provider);

    /// <summary>Runs the graph.</summary>
    /// <param name="tensors">Inputs of numbers, row-major.</param>
    /// <param name="counts">Inputs of single whole numbers.</param>
    /// <param name="outputs">Names of the outputs.</param>
    /// <param name="cancellation">Heard between two operators.</param>
    /// <returns>The outputs, row-major, in the order of the names.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while running.</exception>
    /// <exception cref="InvalidOperationException">ONNX Runtime failed.</exception>
    public float[][] Run(
        IReadOnlyList<(string Name, float[] Values, long[] Shape)> tensors, IReadOnlyList<(string Name, long Value)> counts,
        IReadOnlyList<string> outputs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var values = new List<OrtValue>();
        try
        {
            values.AddRange(tensors.Select(input => OrtValue.CreateTensorValueFromMemory(input.Values, input.Shape)));
            values.AddRange(counts.Select(input => OrtValue.CreateTensorValueFromMemory([input.Value], [])));
            using var results = _session.Run(
                [.. tensors.Select(input => input.Name), .. counts.Select(input => input.Name)], values, outputs, cancellation);
            return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }
    }

    public void Dispose() => _session.Dispose();
}
