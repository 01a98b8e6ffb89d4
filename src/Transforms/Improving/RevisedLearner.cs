using Google.Protobuf;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Improving;

/// <summary>Replaces θ in a learner file, and everything in the file that is computed from it.</summary>
internal sealed class RevisedLearner : IDisposable
{
    private readonly ModelProto _model;
    private readonly Improvement _improvement;
    private readonly string[] _names;
    private readonly GraphSession _consolidation;

    /// <param name="learner">Any revision.</param>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public RevisedLearner(Learner learner)
    {
        (_model, _) = LearnerFile.Read(learner.File.ToArray());
        _improvement = learner.Improvement!;
        var graph = ContributionGraph.Parse(_improvement.Consolidation, learner.RunOptions.Limits);
        _names = [.. graph.Graph.Output.Select(output => output.Name)];
        _consolidation = new GraphSession(graph.ToByteArray(), ExecutionProvider.Cpu);
    }

    /// <summary>The learner file of another θ.</summary>
    public byte[] Write(float[] theta, int revision)
    {
        var values = _consolidation.Run([(MetaTrainingGraph.Theta, theta, [theta.Length])], [], _names, CancellationToken.None);
        var model = _model.Clone();
        foreach (var (name, numbers) in _names.Zip(values))
        {
            var initializer = model.Graph.Initializer.FirstOrDefault(tensor => MetaTrainingGraph.Consolidated(tensor.Name) == name)
                ?? throw Throw.DamagedLearner($"it has no constant for its slow parameter '{name}'");
            if (OnnxTensors.ToFloats(initializer).Length != numbers.Length)
            {
                throw Throw.DamagedLearner($"its slow parameter '{name}' has another length than its constant");
            }

            initializer.FloatData.Clear();
            initializer.RawData = ByteString.CopyFrom(Improvement.Bytes(numbers));
        }

        // The checksum is written anew.
        model.MetadataProps.RemoveAt(model.MetadataProps.Count - 1);
        model.MetadataProps.Single(property => property.Key == LearnerMetadata.ImprovementKey).Value = LearnerMetadata.Write(
            _improvement with { Theta = Improvement.Bytes(theta), Revision = revision });
        return LearnerFile.Write(model);
    }

    public void Dispose() => _consolidation.Dispose();
}
