using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Learners;

/// <summary>The meta-training graph of an improvable learner, which computes what one task adds to a meta-step.</summary>
internal sealed class ContributionGraph : IDisposable
{
    private static readonly string[] _outputs =
        [MetaTrainingGraph.Gradient, MetaTrainingGraph.EvaluationLoss, MetaTrainingGraph.FreeSquares, MetaTrainingGraph.NudgedSquares];

    private readonly Improvement _improvement;
    private readonly LearnerMetadata _metadata;
    private readonly TimeSpan _limit;
    private readonly float[] _theta;
    private readonly SharedSession _session;

    /// <param name="improvement">What the learner file says.</param>
    /// <param name="metadata">Of the learner file.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="FormatException">The graph is damaged.</exception>
    /// <exception cref="NotSupportedException">The graph exceeds the limits.</exception>
    public ContributionGraph(Improvement improvement, LearnerMetadata metadata, Learner.Options options)
    {
        (_improvement, _metadata, _limit) = (improvement, metadata, options.Limits.AdaptationTime);
        _theta = improvement.ThetaAsNumbers();
        if (improvement.NudgedSteps > options.Limits.Steps)
        {
            throw Throw.LearnerLimit(
                $"takes {improvement.NudgedSteps} nudged steps", nameof(options.Limits.Steps), options.Limits.Steps);
        }

        var model = Parse(
            improvement.Contribution, options.Limits, MetaTrainingGraph.FreeSteps, MetaTrainingGraph.NudgedSteps).ToByteArray();
        _session = new SharedSession(() => model, options.NumberOfThreads, options.AdaptationProvider);
    }

    /// <summary>Reads a graph of an improvable learner, and checks that it may be run.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="NotSupportedException">It exceeds the limits.</exception>
    public static ModelProto Parse(byte[] graph, Learner.Limits limits, params string[] counts)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(graph);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw Throw.DamagedLearner("one of its meta-training graphs is not an ONNX model: " + exception.Message, exception);
        }

        if (model.Graph is null)
        {
            throw Throw.DamagedLearner("one of its meta-training graphs is empty");
        }

        LearnerStructure.Check(model, limits, counts);
        return model;
    }

    /// <summary>What a task adds to a meta-step. Thread-safe.</summary>
    public (float[] Gradient, double Loss) Run(SupportSet support, SupportSet query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var names = new List<string>();
        var values = new List<OrtValue>();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(_limit);
        try
        {
            Add(MetaTrainingGraph.Theta, OrtValue.CreateTensorValueFromMemory(_theta, [_theta.Length]));
            AddRows(support, LearnerGraph.SupportFeatures, LearnerGraph.SupportLabels, LearnerGraph.SupportWeights);
            AddRows(query, MetaTrainingGraph.QueryFeatures, MetaTrainingGraph.QueryLabels, MetaTrainingGraph.QueryWeights);
            Add(MetaTrainingGraph.FreeSteps, OrtValue.CreateTensorValueFromMemory([(long)Math.Max(_metadata.Steps, 1)], []));
            Add(MetaTrainingGraph.NudgedSteps, OrtValue.CreateTensorValueFromMemory([(long)_improvement.NudgedSteps], []));
            using var results = _session.Run(names, values, _outputs, time.Token);
            var gradient = results[0].GetTensorDataAsSpan<float>().ToArray();
            double loss = results[1].GetTensorDataAsSpan<float>()[0];
            return double.IsFinite(loss) && gradient.Length == _theta.Length && Array.TrueForAll(gradient, float.IsFinite)
                ? (gradient, loss)
                : throw Throw.ContributionDiverged();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw Throw.AdaptationTime(_limit);
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }

        void Add(string name, OrtValue value)
        {
            names.Add(name);
            values.Add(value);
        }

        void AddRows(SupportSet rows, string features, string labels, string weights)
        {
            long count = rows.Rows;
            Add(features, OrtValue.CreateTensorValueFromMemory(rows.Features, [count, _metadata.FeatureCount]));
            Add(labels, rows.Classes is { } classes
                ? OrtValue.CreateTensorValueFromMemory(classes, [count])
                : OrtValue.CreateTensorValueFromMemory(rows.Targets!, [count, _metadata.OutputCount!.Value]));
            if (_metadata.ExampleWeights)
            {
                Add(weights, OrtValue.CreateTensorValueFromMemory(rows.Weights ?? [.. Enumerable.Repeat(1f, rows.Rows)], [count]));
            }
        }
    }

    public void Dispose() => _session.Dispose();
}
