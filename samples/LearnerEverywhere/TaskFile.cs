using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;

namespace LearnerEverywhere;

/// <summary>A small task with the scores computed by .NET, as JSON, so that other languages can compare their scores.</summary>
/// <param name="Support">Labelled rows.</param>
/// <param name="Queries">Rows to score.</param>
/// <param name="Scores">For each query the probability of each class, or the value and the bounds of its interval, by this library.</param>
internal sealed record TaskFile(TaskFile.SupportRow[] Support, float[][] Queries, Dictionary<string, float>[] Scores)
{
    private static readonly JsonSerializerOptions _web = new(JsonSerializerDefaults.Web);

    /// <summary>A labelled row, with a class or with targets.</summary>
    internal sealed record SupportRow(float[] Features, string? Label, float[]? Targets = null);

    /// <summary>A small task for a learner.</summary>
    public static TaskFile Create(Learner learner) =>
        learner.Task == MetaTask.Regression ? OfTargets(learner) : OfClasses(learner);

    /// <summary>Draws rows with targets that are sums of their features and noise, learns some of them and predicts the others.</summary>
    private static TaskFile OfTargets(Learner learner, int rows = 12, int queries = 20, int seed = 1)
    {
        var random = new Random(seed);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextSingle()) - 1)];
        var outputs = learner.OutputCount!.Value;
        var all = Enumerable.Range(0, rows + queries).Select(_ => Draw(learner.FeatureCount)).Select(features =>
            new SupportRow(features, null,
                [.. Draw(outputs).Select((noise, output) => features.Sum() + output + (0.2f * noise))])).ToArray();

        var ml = new MLContext();
        var schema = SchemaDefinition.Create(typeof(SupportRow));
        schema[nameof(SupportRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, learner.FeatureCount);
        schema[nameof(SupportRow.Targets)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, outputs);
        using var model = ml.MetaLearning().FewShot(learner, "Targets").Fit(ml.Data.LoadFromEnumerable(all[..rows], schema));
        var predicted = model.Transform(ml.Data.LoadFromEnumerable(all[rows..], schema));
        Dictionary<string, float>[] scores = [.. all[rows..].Select(_ => new Dictionary<string, float>())];
        foreach (var name in ((string[])["Score", "LowerBound", "UpperBound"])
            .Where(name => predicted.Schema.GetColumnOrNull(name) is not null))
        {
            var column = predicted.Schema[name].Type is VectorDataViewType
                ? predicted.GetColumn<float[]>(name)
                : predicted.GetColumn<float>(name).Select(value => new[] { value });
            foreach (var (query, values) in scores.Zip(column))
            {
                for (var output = 0; output < outputs; output++)
                {
                    query.Add($"{name} {output}", values[output]);
                }
            }
        }

        return new TaskFile(all[..rows], [.. all[rows..].Select(row => row.Features)], scores);
    }

    /// <summary>
    /// Draws rows of a few classes around random centres, learns them and scores others. The classes are three new ones, or the classes
    /// that all tasks of the learner share.
    /// </summary>
    private static TaskFile OfClasses(Learner learner, int shots = 5, int queries = 20, int seed = 1)
    {
        string[] names = learner.Labels == LabelSemantics.Shared ? [.. learner.Classes] : ["class A", "class B", "class C"];
        var classes = names.Length;
        var random = new Random(seed);
        var centres = Enumerable.Range(0, classes).Select(_ => Draw(2)).ToArray();
        var support = Enumerable.Range(0, classes * shots)
            .Select(i => new SupportRow(Near(centres[i % classes]), names[^(i % classes + 1)])).ToArray();
        var rows = Enumerable.Range(0, queries).Select(i => Near(centres[i % classes])).ToArray();

        var ml = new MLContext();
        var data = View(ml, support);
        using var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.MetaLearning().FewShot(learner)).Fit(data);
        var scores = model.LastTransformer.Transform(View(ml, rows.Select(row => new SupportRow(row, ""))));
        return new TaskFile(support, rows,
            [.. scores.GetColumn<float[]>("Score").Select(row => model.LastTransformer.Classes.Zip(row).ToDictionary())]);

        float[] Draw(float spread) => [.. Enumerable.Range(0, learner.FeatureCount).Select(_ => spread * (2 * random.NextSingle() - 1))];
        float[] Near(float[] centre) => [.. centre.Zip(Draw(1), (value, noise) => value + noise)];
        IDataView View(MLContext context, IEnumerable<SupportRow> data)
        {
            var schema = SchemaDefinition.Create(typeof(SupportRow));
            schema.Remove(schema[nameof(SupportRow.Targets)]);
            schema[nameof(SupportRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, learner.FeatureCount);
            return context.Data.LoadFromEnumerable(data, schema);
        }
    }

    /// <summary>Writes <c>learner.onnx</c> and <c>task.json</c>.</summary>
    public static void WriteTo(string folder, Learner learner)
    {
        Directory.CreateDirectory(folder);
        learner.Save(Path.Combine(folder, "learner.onnx"));
        File.WriteAllText(Path.Combine(folder, "task.json"), JsonSerializer.Serialize(Create(learner), _web));
    }
}
