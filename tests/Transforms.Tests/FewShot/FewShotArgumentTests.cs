using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>What the few-shot trainer, its pipeline and its models refuse at once.</summary>
public sealed class FewShotArgumentTests : IDisposable
{
    private static readonly MLContext _ml = new(1);
    private static readonly IDataView _rows = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));

    private readonly Learner _learner = new TinyLearner().Load();

    public void Dispose() => _learner.Dispose();

    private delegate void Call(FewShotTrainer trainer, FewShotPipeline pipeline, FewShotPredictionTransformer model);

    private static readonly Dictionary<string, (string Parameter, Call Call)> _nulls = new()
    {
        ["trainer, rows"] = ("input", (trainer, _, _) => trainer.Fit(null!)),
        ["trainer, more rows"] = ("input", (trainer, _, model) => trainer.Fit(null!, model)),
        ["trainer, model"] = ("model", (trainer, _, _) => trainer.Fit(_rows, null!)),
        ["trainer, schema"] = ("inputSchema", (trainer, _, _) => trainer.GetOutputSchema(null!)),
        ["pipeline, rows"] = ("input", (_, pipeline, _) => pipeline.Fit(null!)),
        ["pipeline, model"] = ("model", (_, pipeline, _) => pipeline.Fit(_rows, null!)),
        ["pipeline, schema"] = ("inputSchema", (_, pipeline, _) => pipeline.GetOutputSchema(null!)),
        ["model, rows"] = ("input", (_, _, model) => model.Transform(null!)),
        ["model, schema"] = ("inputSchema", (_, _, model) => model.GetOutputSchema(null!)),
        ["model, path"] = ("path", (_, _, model) => model.SaveAsOnnx((string)null!)),
        ["model, stream"] = ("stream", (_, _, model) => model.SaveAsOnnx((Stream)null!)),
    };

    public static TheoryData<string> Nulls => [.. _nulls.Keys];

    [Theory]
    [MemberData(nameof(Nulls))]
    public void Call_OfNull_NamesTheParameter(string call)
    {
        var trainer = _ml.MetaLearning().FewShot(_learner, new FewShotTrainer.Options { KeepSupport = true });
        using var meta = new LearnerTransformer(_ml, new TinyLearner().Load());
        using var model = trainer.Fit(_rows);
        var (parameter, run) = _nulls[call];
        Assert.Equal(
            parameter, Assert.Throws<ArgumentNullException>(() => run(trainer, _ml.MetaLearning().FewShot(meta), model)).ParamName);
    }

    [Fact]
    public void TransductiveLearner_IsNeitherAdaptedNorSaved()
    {
        using var meta = new LearnerTransformer(_ml, new TinyLearner { IsTransductive = true }.Load());
        Refused("adapted in an app", () => _ml.MetaLearning().FewShot(meta.Learner));
        Refused("saved", () => _ml.Model.Save(meta, _rows.Schema, new MemoryStream()));
        Refused("saved", () => meta.Learner.Save(new MemoryStream()));

        static void Refused(string what, Action call) => Assert.Contains(
            $"A transductive learner cannot be {what}: ", Assert.Throws<NotSupportedException>(call).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetOutputSchema_WhereAStageNeedsTheLengthOfAVector_StillNamesTheModelsColumns()
    {
        var wide = _ml.Data.LoadFromEnumerable(Blobs.Classes(["a", "b"], 8, features: 4), Wide());
        var metaModel = _ml.Transforms.ProjectToPrincipalComponents("Features", rank: 2)
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label")).Fit(wide)
            .Append(new LearnerTransformer(_ml, new TinyLearner().Load()));
        var promise = _ml.MetaLearning().FewShot(metaModel).GetOutputSchema(Shapes.Of(wide));
        Assert.Equal(["Features", "Label", "PredictedLabel", "Score"], promise.Select(column => column.Name).Order());

        static SchemaDefinition Wide()
        {
            var schema = SchemaDefinition.Create(typeof(Blobs.Row));
            schema[nameof(Blobs.Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 4);
            return schema;
        }
    }
}
