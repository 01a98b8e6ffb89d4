using MLNetMeta.Samples;
using MLNetMeta.Trainers;
using static TorchSharp.torch;

namespace MLNetMeta.Benchmarks;

/// <summary>5-way 1-shot tasks over 28 × 28 pixels of invented characters, and the network of four blocks of 32 filters for them.</summary>
internal static class ImageTasks
{
    public const int Ways = 5, QueryRows = 15, Side = 28;

    public static ConvolutionalNetwork Network { get; } = new(new ImageShape(1, Side, Side)) { Filters = [32, 32, 32, 32] };

    public static ILearner Synapse(FastParameters fast) =>
        new ComplexSynapse(ConvNet.WithReadout(Network, outputs: null), TaskLoss.CrossEntropy, strength: 0.1, learnStrength: true, fast);

    /// <summary>Learner files with the library's settings for images, but random weights.</summary>
    public static IEnumerable<(string Name, byte[] File)> LearnerFiles()
    {
        var (synapse, dual) = (ComplexSynapseTrainer.Options.ForImages(Network.Image), DualSystemTrainer.Options.ForImages(Network.Image));
        Network Embedding(InnerLoopOptions options) => options.Network.WithReadout(Side * Side, "Features", outputs: null);
        ComplexSynapse Fast(FastParameters fast) =>
            new(Embedding(synapse), TaskLoss.CrossEntropy, synapse.ConsolidationStrength, learnStrength: true, fast);
        yield return ("complex synapse, readout", File(Fast(synapse.FastParameters), synapse));
        yield return (
            "dual system, last block",
            File(
                new DualSystem(
                    Embedding(dual), TaskLoss.CrossEntropy, dual.ModulationPull, learnStrength: true,
                    modulatedLayers: dual.ModulatedLayers ?? int.MaxValue), dual));
        yield return ("complex synapse, all weights", File(Fast(FastParameters.All), synapse));
    }

    private static byte[] File(ILearner learner, MetaTrainingOptions options)
    {
        using var theta = SlowParameters.Draw(learner.Slow, new Random(1));
        var unscaled = new Standardization(new float[Side * Side], [.. Enumerable.Repeat(1f, Side * Side)]);
        return LearnerFileWriter.Write(
            learner, theta.ToVector(), new LearnerFileContents(options.FreePhase, unscaled, Targets: null, Classes: null));
    }

    /// <summary>One drawing of each of five characters.</summary>
    public static IReadOnlyList<Drawing> Support() => StrokeAlphabet.Draw(Ways, 1, Side, seed: 1);

    public static EpisodeBatch Batch(int tasks)
    {
        var drawings = StrokeAlphabet.Draw(tasks * Ways, 1 + QueryRows, Side, seed: 2).Select(d => d.Features).Chunk(
            1 + QueryRows).Chunk(Ways).ToArray();
        using var scope = NewDisposeScope();
        return new EpisodeBatch(Rows(character => character[..1]), Rows(character => character[1..]));

        Rows<Tensor> Rows(Func<float[][], float[][]> side)
        {
            var shots = side(drawings[0][0]).Length;
            var features = drawings.SelectMany(task => task).SelectMany(side).SelectMany(pixels => pixels).ToArray();
            var targets = eye(Ways).repeat_interleave(shots, 0).unsqueeze(0).repeat(tasks, 1, 1);
            return new Rows<Tensor>(
                tensor(features, [tasks, Ways * shots, Side * Side]), targets, full([tasks, Ways * shots, 1], 1f / (Ways * shots)));
        }
    }

    /// <summary>
    /// Floating-point operations of the convolutions of one image: forward, and forward with the gradients of weights and inputs.
    /// </summary>
    public static (double Forward, double WithGradient) Operations()
    {
        var (side, channels, all, first) = (Side, 1, 0.0, 0.0);
        foreach (var filters in Network.Filters)
        {
            side = ((side - 1) / Network.Stride) + 1;
            var block = 2.0 * side * side * 9 * channels * filters;
            first = all == 0 ? block : first;
            (channels, all) = (filters, all + block);
        }

        // Nobody needs the gradient of the pixels.
        return (all, (3 * all) - first);
    }
}
