using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Saving;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>A model learns its task further when more rows are labelled, as if it had had all rows from the start.</summary>
public sealed class FurtherAdaptationTests
{
    private readonly MLContext _ml = new(1);

    private static readonly FewShotTrainer.Options _keeping = new() { KeepSupport = true };

    public static TheoryData<string> Problems => ["episodes", "shared", "Boolean", "one output", "two outputs"];

    [Theory]
    [MemberData(nameof(Problems))]
    public void Fit_OfMoreRows_EqualsFittingAllRowsToTheBit(string problem)
    {
        var (learner, all, parts) = Problem(problem);
        using var _ = learner;
        var trainer = _ml.MetaLearning().FewShot(learner, _keeping);
        using var whole = trainer.Fit(all);
        using var first = trainer.Fit(parts[0]);
        using var second = trainer.Fit(parts[1], first);
        using var third = trainer.Fit(parts[2], second);

        Assert.Equal((4, 9, 12), (first.KeptRows, second.KeptRows, third.KeptRows));
        Assert.Equal(Scores(whole.Transform(all)), Scores(third.Transform(all)));
        Assert.Equal(whole.Classes, third.Classes);
        Assert.Equal(
            whole.Transform(all).Schema.Select(c => (c.Name, c.Type)), third.Transform(all).Schema.Select(c => (c.Name, c.Type)));
    }

    [Fact]
    public void Fit_OfNewClasses_AddsThemAfterThoseThatAreKnown()
    {
        using var learner = new TinyLearner().Load();
        var trainer = _ml.MetaLearning().FewShot(learner, _keeping);
        var (early, late) = (Blobs.Classes(["b", "d"], 3), Blobs.Classes(["c", "b", "a"], 3));
        using var first = trainer.Fit(Blobs.KeyedView(_ml, early));
        using var second = trainer.Fit(Blobs.KeyedView(_ml, late), first);

        Assert.Equal(["b", "d", "c", "a"], second.Classes);
        var all = Blobs.View(_ml, [.. early, .. late]);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(all).Transform(all);
        using var whole = trainer.Fit(keys);
        Assert.Equal(whole.Classes, second.Classes);
        Assert.Equal(Scores(whole.Transform(keys)), Scores(second.Transform(keys)));
    }

    [Theory]
    [MemberData(nameof(Problems))]
    public void Fit_OfAModelThatWasSavedAndLoaded_IsTheSame(string problem)
    {
        var (learner, all, parts) = Problem(problem);
        using var _ = learner;
        var trainer = _ml.MetaLearning().FewShot(learner, _keeping);
        using var first = trainer.Fit(parts[0]);
        using var stream = new MemoryStream();
        _ml.Model.Save(first, parts[0].Schema, stream);
        stream.Position = 0;
        var fresh = new MLContext();
        using var loaded = (FewShotPredictionTransformer)fresh.MetaLearning().LoadModel(stream, out DataViewSchema _);

        Assert.Equal(4, loaded.KeptRows);
        using var second = fresh.MetaLearning().FewShot(loaded.Learner, _keeping).Fit(parts[1], loaded);
        using var expected = trainer.Fit(parts[1], first);
        Assert.Equal(Scores(expected.Transform(all)), Scores(second.Transform(all)));
        using var byTheOriginal = trainer.Fit(parts[1], loaded);
        Assert.Equal(Scores(expected.Transform(all)), Scores(byTheOriginal.Transform(all)));
    }

    [Fact]
    public void Fit_OfAPipeline_MakesTheKeysOfOldAndNewLabels()
    {
        using var learner = new TinyLearner().Load();
        var (early, late) = (Blobs.Classes(["b", "d"], 3), Blobs.Classes(["c", "b"], 3));
        var history = Blobs.View(_ml, Blobs.Classes(["x", "y"], 3));
        var metaModel = _ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(_ml.Transforms.CopyColumns("Copy", "Features")).Fit(history)
            .Append(new LearnerTransformer(_ml, learner));
        var trainer = _ml.MetaLearning().FewShot(metaModel, _keeping);
        var first = trainer.Fit(Blobs.View(_ml, early));
        var second = trainer.Fit(Blobs.View(_ml, late), first);

        Assert.Equal(["b", "d", "c"], second.LastTransformer.Classes);
        Blobs.Row[] whole = [.. early, .. late];
        var expected = trainer.Fit(Blobs.View(_ml, whole));
        Assert.Equal(
            Scores(expected.Transform(Blobs.View(_ml, whole))), Scores(second.Transform(Blobs.View(_ml, whole))));
        // The labels of all classes have their keys, so that ML.NET's metrics count every row.
        Assert.DoesNotContain(0u, second.Transform(Blobs.View(_ml, whole)).GetColumn<uint>("Label"));
    }

    [Fact]
    public void Fit_OfAModelWithoutRows_SaysHowToKeepThem()
    {
        using var learner = new TinyLearner().Load();
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        using var model = _ml.MetaLearning().FewShot(learner).Fit(data);
        Assert.Equal(0, model.KeptRows);
        var error = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().FewShot(learner).Fit(data, model));
        Assert.Contains("KeepSupport = true", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfAModelOfAnotherLearner_IsRefused()
    {
        using var learner = new TinyLearner().Load();
        using var other = new TinyLearner { Steps = 7 }.Load();
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        using var model = _ml.MetaLearning().FewShot(learner, _keeping).Fit(data);
        var error = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().FewShot(other, _keeping).Fit(data, model));
        Assert.Contains("another learner", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfLabelsWithoutNamesAfterSuchWithNames_IsRefused()
    {
        using var learner = new TinyLearner().Load();
        using var model = _ml.MetaLearning().FewShot(learner, _keeping).Fit(Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3)));
        var numbers = _ml.Data.LoadFromEnumerable(new[] { new Numbered { Features = [1, 2], Label = 0 } });
        var error = Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().FewShot(learner, _keeping).Fit(numbers, model));
        Assert.Contains("their classes cannot be matched", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_OfLabelsWithoutNames_MatchesTheirKeys()
    {
        using var learner = new TinyLearner().Load();
        var trainer = _ml.MetaLearning().FewShot(learner, _keeping);
        Numbered[] rows = [.. Blobs.Classes(["1", "3", "2"], 3).Select(row => new Numbered
        {
            Features = row.Features, Label = uint.Parse(row.Label, null) - 1,
        })];
        Numbered[] early = [.. rows.Where(row => row.Label != 1)], late = [.. rows.Where(row => row.Label == 1)];
        using var whole = trainer.Fit(_ml.Data.LoadFromEnumerable((Numbered[])[.. early, .. late]));
        using var first = trainer.Fit(_ml.Data.LoadFromEnumerable(early));
        using var second = trainer.Fit(_ml.Data.LoadFromEnumerable(late), first);

        var all = _ml.Data.LoadFromEnumerable(rows);
        Assert.Equal(["1", "2", "3"], second.Classes);
        Assert.Equal(Scores(whole.Transform(all)), Scores(second.Transform(all)));
        // In objects keys count from 0, in columns from 1.
        Assert.Equal(rows.Select(row => row.Label + 1), second.Transform(all).GetColumn<uint>("PredictedLabel"));
    }

    private static readonly Dictionary<string, Action<ModelProto>> _damage = new()
    {
        ["a class too many"] = model => Find(model, "support.classes").RawData = Raw([7L, 0, 0, 0]),
        ["not finite"] = model => Find(model, "support.features").RawData = Raw(Enumerable.Repeat(float.NaN, 8).ToArray()),
        ["no classes"] = model => model.Graph.Initializer.Remove(Find(model, "support.classes")),
        ["targets"] = model => Find(model, "support.classes").Name = "support.targets",
        ["too few rows"] = model =>
        {
            Find(model, "support.classes").Dims[0] = 3;
            Find(model, "support.classes").RawData = Raw(new long[3]);
        },
    };

    public static TheoryData<string> Damage => [.. _damage.Keys];

    [Theory]
    [MemberData(nameof(Damage))]
    public void Read_OfDamagedRows_IsRefused(string what)
    {
        using var learner = new TinyLearner().Load();
        using var model = _ml.MetaLearning().FewShot(learner, _keeping).Fit(Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 2)));
        var saved = SavedModel.Create(
            learner, learner.Adapt(model.Support!), model.Layout, learner.ColumnsOf("Label", "Features"), false, null, model.Support);
        var file = ModelProto.Parser.ParseFrom(saved.ToBytes());
        Assert.NotNull(SavedModel.Read(file.ToByteArray()).SupportFor(learner, model.Layout));
        _damage[what](file);
        var error = Assert.Throws<FormatException>(() => SavedModel.Read(file.ToByteArray()).SupportFor(learner, model.Layout));
        Assert.True(error.Message.Contains("support rows", StringComparison.Ordinal), $"{what}: {error.Message}");
    }

    private static ByteString Raw<T>(T[] numbers)
        where T : unmanaged => ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(numbers));

    private static TensorProto Find(ModelProto model, string name) => model.Graph.Initializer.Single(tensor => tensor.Name == name);

    /// <summary>A task of twelve rows, whole and in parts of 4, 5 and 3.</summary>
    private (Learner Learner, IDataView All, IDataView[] Parts) Problem(string problem)
    {
        if (problem is "one output" or "two outputs")
        {
            var outputs = problem == "one output" ? 1 : 2;
            var targets = Blobs.Targets(12, outputs: outputs);
            IDataView View(IEnumerable<Blobs.TargetRow> of) => Blobs.View(_ml, [.. of], outputs: outputs);
            return (
                new TinyLearner { Task = MetaTask.Regression, Outputs = outputs, Coverage = 0.9 }.Load(), View(targets),
                [View(targets[..4]), View(targets[4..9]), View(targets[9..])]);
        }

        if (problem == "Boolean")
        {
            BooleanRow[] answers = [.. Blobs.Classes(["True", "False"], 6).Select(row => new BooleanRow
            {
                Features = row.Features, Label = row.Label == "True",
            })];
            IDataView View(IEnumerable<BooleanRow> of) => _ml.Data.LoadFromEnumerable(of);
            return (
                new TinyLearner { Classes = ["False", "True"] }.Load(), View(answers),
                [View(answers[..4]), View(answers[4..9]), View(answers[9..])]);
        }

        var learner = problem == "episodes" ? new TinyLearner() : new TinyLearner { Classes = ["c", "a", "b"] };
        var rows = Blobs.Classes(["a", "b", "c"], 4);
        new Random(1).Shuffle(rows);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(_ml, rows));
        IDataView Keyed(Blobs.Row[] of) => keys.Transform(Blobs.View(_ml, of));
        return (learner.Load(), Keyed(rows), [Keyed(rows[..4]), Keyed(rows[4..9]), Keyed(rows[9..])]);
    }

    private static float[] Scores(IDataView scored) => scored.Schema["Score"].Type is VectorDataViewType
        ? [.. scored.GetColumn<float[]>("Score").SelectMany(row => row)]
        : [.. scored.GetColumn<float>("Score")];

    private sealed class BooleanRow
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }
    }

    private sealed class Numbered
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [KeyType(3)]
        public uint Label { get; set; }
    }
}
