using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Transforms;

namespace LearnerEverywhere;

/// <summary>A small task with the scores that .NET gives, as JSON for other languages to compare with.</summary>
/// <param name="Support">Labelled rows.</param>
/// <param name="Queries">Rows to score.</param>
/// <param name="Scores">For each query the probability of each class, by this library.</param>
internal sealed record TaskFile(TaskFile.SupportRow[] Support, float[][] Queries, Dictionary<string, float>[] Scores)
{
    private static readonly JsonSerializerOptions _web = new(JsonSerializerDefaults.Web);

    /// <summary>A labelled row.</summary>
    internal sealed record SupportRow(float[] Features, string Label);

    /// <summary>Draws rows of a few classes around random centres, learns them and scores others. The classes are three new ones, or those
    /// that all tasks of the learner share.</summary>
    public static TaskFile Create(Learner learner, int shots = 5, int queries = 20, int seed = 1)
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
