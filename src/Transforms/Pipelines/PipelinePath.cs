using Microsoft.ML;
using Microsoft.ML.Transforms;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;

namespace MLNetMeta.Transforms.Pipelines;

/// <summary>The path from raw columns to the features. Stages that only the label needs are not on it.</summary>
/// <param name="Features">The feature column.</param>
/// <param name="Steps">What makes it, in order.</param>
/// <param name="Provided">The columns that an upstream model makes instead, with its outputs.</param>
internal sealed record PipelinePath(
    DataViewSchema.Column Features, IReadOnlyList<PipelineStep> Steps, IReadOnlyDictionary<DataViewSchema.Column, string> Provided)
{
    /// <exception cref="ArgumentException">Nothing on the way is an output of the upstream model.</exception>
    public static PipelinePath To(string featureColumn, ITransformer[] stages, DataViewSchema input, UpstreamOnnx? upstream)
    {
        var schemas = new List<DataViewSchema> { input };
        foreach (var stage in stages)
        {
            schemas.Add(stage.GetOutputSchema(schemas[^1]));
        }

        var features = schemas[^1][featureColumn];
        var nameless = upstream?.Nameless(schemas);

        var provided = new Dictionary<DataViewSchema.Column, string>();
        var needed = new HashSet<string>();
        var seen = new HashSet<string>();
        var replaced = new HashSet<string>(); // Columns that a later stage replaces: an upstream model makes the last version.
        var steps = new Stack<PipelineStep>();
        Need(features);
        for (var place = stages.Length - 1; place >= 0; place--)
        {
            var (stage, before, after) = (stages[place], schemas[place], schemas[place + 1]);
            if (stage is ColumnSelectingTransformer)
            {
                continue; // Leaves or drops columns; those that are left are the same.
            }

            var added = AddedColumns.Of(before, after);
            replaced.UnionWith(added.Select(column => column.Name));
            var made = added.Where(column => needed.Remove(column.Name)).Select(column => new PipelineStep(
                stage, before, column, added.Count, [.. stage.GetRowToRowMapper(before).GetDependencies([column])])).ToArray();
            foreach (var step in made)
            {
                steps.Push(step);
                foreach (var source in step.Sources)
                {
                    Need(source);
                }
            }
        }

        if (upstream is not null)
        {
            CheckUse(upstream, provided, seen);
        }

        return new PipelinePath(features, [.. steps], provided);

        void Need(DataViewSchema.Column column)
        {
            seen.Add(column.Name);
            var output = nameless is not null && column.Name == featureColumn ? nameless : upstream?.OutputFor(column.Name);
            if (output is not null && !replaced.Contains(column.Name))
            {
                provided[column] = output;
            }
            else if (!ImagePixels.IsImage(column.Type)) // An image comes from outside, as it is when its pixels are extracted.
            {
                needed.Add(column.Name);
            }
        }
    }

    private static void CheckUse(UpstreamOnnx upstream, Dictionary<DataViewSchema.Column, string> provided, HashSet<string> seen)
    {
        if (provided.Count == 0)
        {
            throw Throw.UnusedUpstream(upstream.Outputs, seen);
        }

        if (upstream.Columns.Keys.FirstOrDefault(name => !provided.Keys.Any(column => column.Name == name)) is { } unused)
        {
            throw Throw.UnusedUpstreamColumn(unused, seen);
        }
    }
}
