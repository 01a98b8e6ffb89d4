using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.FewShot;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>A whole pipeline as one ONNX model: the ML.NET stages before the adapted model, and the model.</summary>
internal static class PipelineOnnx
{
    private const string Prefix = "pipeline/", UpstreamPrefix = "upstream/", ModelPrefix = "inner/", ModelInput = "pipeline/features";

    /// <exception cref="ArgumentException">The pipeline holds no adapted model, or the upstream model does not fit it.</exception>
    /// <exception cref="NotSupportedException">A stage before the model that its features depend on has no counterpart, or there is a stage
    /// after it; the message names it.</exception>
    public static ModelProto Create(ITransformer pipeline, DataViewSchema input, UpstreamOnnx? upstream)
    {
        var stages = Flatten(pipeline).ToArray();
        var place = Array.FindLastIndex(stages, stage => stage is FewShotPredictionTransformer);
        if (place < 0)
        {
            throw Throw.NotAdapted();
        }

        if (stages[(place + 1)..].FirstOrDefault(stage => stage is not KeyToValueMappingTransformer) is { } after)
        {
            throw Throw.StageAfterModel(after.GetType().Name);
        }

        var model = (FewShotPredictionTransformer)stages[place];
        var path = PipelinePath.To(model.FeatureColumnName, stages[..place], input, upstream);

        var graph = new PipelineGraph(Prefix);
        if (upstream is not null)
        {
            Include(graph, upstream, path.Provided);
        }

        foreach (var stage in path.Steps.GroupBy(step => step.Stage))
        {
            // All columns of a stage are made of what was there before it.
            var made = stage.Select(step => (step.Output.Name, Value: PipelineStages.Emit(graph, step)
                ?? throw Throw.InexpressibleStage(step.Stage.GetType().Name, step.Output.Name, PipelineStages.Known))).ToArray();
            foreach (var (name, value) in made)
            {
                graph.Set(name, value);
            }
        }

        var features = graph[path.Features];
        var onnx = model.ToOnnx(ModelInput);
        var clash = graph.Inputs.FirstOrDefault(column => AdaptedOnnx.IsOutput(column.Name)
            || new[] { Prefix, UpstreamPrefix, ModelPrefix }.Any(prefix => column.Name.StartsWith(prefix, StringComparison.Ordinal)));
        if (clash is not null)
        {
            throw Throw.OnnxNameClash(clash.Name);
        }

        graph.Prepend(onnx, ModelInput, features);
        if (upstream is not null)
        {
            onnx.IrVersion = Math.Max(onnx.IrVersion, upstream.IrVersion);
            Check(onnx, upstream); // What another converter made is its own, also where it differs from ML.NET.
        }
        else
        {
            ExportCheck.Run(onnx, ModelInput, stages[..place], model, input);
        }

        return onnx;
    }

    /// <summary>The part of the upstream model that is needed, and its outputs as columns.</summary>
    private static void Include(PipelineGraph graph, UpstreamOnnx upstream, IReadOnlyDictionary<DataViewSchema.Column, string> provided)
    {
        var part = upstream.Part([.. provided.Values.Distinct()], UpstreamPrefix);
        graph.Include(part);
        var inputs = part.Graph.Input.Select(value => value.Name).ToHashSet();
        foreach (var (column, output) in provided)
        {
            graph.Set(column.Name, UpstreamColumn.Connect(
                graph, upstream, column, output, inputs.Contains(output) ? output : UpstreamPrefix + output));
        }
    }

    /// <summary>Checks that ONNX Runtime can load the model, before anybody gets it.</summary>
    private static void Check(ModelProto onnx, UpstreamOnnx upstream)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            using var session = new InferenceSession(onnx.ToByteArray(), options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw Throw.MergedModel(upstream.OperatorSet, OnnxModels.OperatorSet, exception);
        }
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) => transformer switch
    {
        SharedStage shared => Flatten(shared.Stage),
        IEnumerable<ITransformer> chain => chain.SelectMany(Flatten),
        _ => [transformer],
    };
}
