using System.Runtime.InteropServices;
using Google.Protobuf;
using MLNetMeta.Transforms.Learners;

namespace MLNetMeta.Transforms.Improving;

/// <summary>The meta-optimiser of an improvable learner: one step of θ in ONNX Runtime.</summary>
internal sealed class MetaOptimizerGraph : IDisposable
{
    private readonly Improvement _improvement;
    private readonly GraphSession _session;

    public MetaOptimizerGraph(Improvement improvement, Learner.Limits limits)
    {
        _improvement = improvement;
        _session = new GraphSession(
            ContributionGraph.Parse(improvement.Optimizer, limits).ToByteArray(), ExecutionProvider.Cpu);
    }

    /// <summary>The state before the first step.</summary>
    public byte[][] Initial => Array.ConvertAll(
        _improvement.State, slot => Improvement.Bytes([.. Enumerable.Repeat(slot.Initial, slot.Length ?? 1)]));

    /// <summary>θ and the state after a step.</summary>
    public (float[] Theta, byte[][] State) Step(float[] theta, float[] gradient, byte[][] state, double learningRate)
    {
        var slots = _improvement.State;
        var results = _session.Run(
            [
                (MetaTrainingGraph.Theta, theta, [theta.Length]), (MetaTrainingGraph.Gradient, gradient, [gradient.Length]),
                (MetaTrainingGraph.LearningRate, [(float)learningRate], []),
                .. slots.Select((slot, i) => (
                    MetaTrainingGraph.State(i), MemoryMarshal.Cast<byte, float>(state[i]).ToArray(),
                    slot.Length is { } length ? [length] : Array.Empty<long>())),
            ],
            [], [MetaTrainingGraph.NextTheta, .. slots.Select((_, i) => MetaTrainingGraph.NextState(i))], CancellationToken.None);
        return (results[0], Array.ConvertAll(results[1..], numbers => Improvement.Bytes(numbers)));
    }

    public void Dispose() => _session.Dispose();
}
