using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms;

/// <summary>A whole pipeline as one ONNX model: what ML.NET did before the adapted model, and the model.</summary>
internal static class PipelineOnnx
{
    private const string Prefix = "pipeline/", ModelInput = "pipeline/features";

    /// <exception cref="ArgumentException">The pipeline holds no adapted model.</exception>
    /// <exception cref="NotSupportedException">A stage before the model that its features depend on has no counterpart, or there is a stage
    /// after it; the message names it.</exception>
    public static ModelProto Create(ITransformer pipeline, DataViewSchema input)
    {
        var stages = Flatten(pipeline).ToArray();
        var place = Array.FindLastIndex(stages, stage => stage is FewShotPredictionTransformer);
        if (place < 0)
            throw Throw.NotAdapted();
        if (stages[(place + 1)..].FirstOrDefault(stage => stage is not KeyToValueMappingTransformer) is { } after)
            throw Throw.StageAfterModel(after.GetType().Name);
        var model = (FewShotPredictionTransformer)stages[place];

        var schemas = new List<DataViewSchema> { input };
        foreach (var stage in stages[..place])
            schemas.Add(stage.GetOutputSchema(schemas[^1]));
        var steps = Steps(stages[..place], schemas, model.FeatureColumnName);

        var graph = new PipelineGraph(Prefix);
        foreach (var stage in steps.GroupBy(step => step.Stage))
        {
            // All columns of a stage are made of what was there before it.
            var made = stage.Select(step => (step.Output.Name, Value: PipelineStages.Emit(graph, step)
                ?? throw Throw.InexpressibleStage(step.Stage.GetType().Name, step.Output.Name, PipelineStages.Known))).ToArray();
            foreach (var (name, value) in made)
                graph.Set(name, value);
        }
        var features = graph[schemas[^1][model.FeatureColumnName]];
        var onnx = model.ToOnnx(ModelInput);
        var clash = graph.Inputs.FirstOrDefault(column =>
            column.Name is ScoreLayout.Score or ScoreLayout.PredictedLabel
            || column.Name.StartsWith(Prefix, StringComparison.Ordinal) || column.Name.StartsWith("inner/", StringComparison.Ordinal));
        if (clash is not null)
            throw Throw.OnnxNameClash(clash.Name);
        graph.Prepend(onnx, ModelInput, features);
        return onnx;
    }

    /// <summary>The steps that the features depend on, in order. What only the label needs is not among them.</summary>
    private static PipelineStep[] Steps(ITransformer[] stages, List<DataViewSchema> schemas, string featureColumn)
    {
        var needed = new HashSet<string> { featureColumn };
        var steps = new Stack<PipelineStep>();
        for (var place = stages.Length - 1; place >= 0; place--)
        {
            var (stage, before, after) = (stages[place], schemas[place], schemas[place + 1]);
            if (stage is ColumnSelectingTransformer)
                continue; // Leaves or drops columns; those that are left are the same.
            var added = AddedColumns.Of(before, after);
            foreach (var column in added.Where(column => needed.Remove(column.Name)))
            {
                var sources = stage.GetRowToRowMapper(before).GetDependencies([column]).ToArray();
                steps.Push(new PipelineStep(stage, before, column, added.Count, sources));
            }
            needed.UnionWith(steps.TakeWhile(step => step.Stage == stage).SelectMany(step => step.Sources).Select(source => source.Name));
        }
        return [.. steps];
    }

    private static IEnumerable<ITransformer> Flatten(ITransformer transformer) => transformer switch
    {
        SharedStage shared => Flatten(shared.Stage),
        IEnumerable<ITransformer> chain => chain.SelectMany(Flatten),
        _ => [transformer],
    };
}
