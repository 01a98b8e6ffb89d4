using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Which class stands in which slot of Score, and under which key.</summary>
public sealed class FewShotClassificationTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly Learner _episodes = new TinyLearner().Load();
    private readonly Learner _shared = new TinyLearner { Classes = ["low", "middle", "high"] }.Load();

    public void Dispose()
    {
        _episodes.Dispose();
        _shared.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Fit_AnyNumberOfNewClasses_LearnsThem(int count)
    {
        string[] labels = [.. Enumerable.Range(0, count).Select(i => $"new {i}")];
        var data = Blobs.KeyedView(_ml, Blobs.Classes(labels, 4, seed: 3));

        using var model = _ml.MetaLearning().FewShot(_episodes, new FewShotTrainer.Options { Steps = 2000 }).Fit(data);

        var predicted = model.Transform(data).GetColumn<uint>("PredictedLabel").ToArray();
        Assert.Equal(data.GetColumn<uint>("Label"), predicted);
        Assert.Equal(labels, model.Classes);
    }

    [Fact]
    public void Score_SomeClassesInSupport_FillTheirSlotsOnly()
    {
        var rows = Blobs.Classes(["a", "b", "c", "d"], 3);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(_ml, rows));
        // d before b: the order of rows does not decide the order of classes.
        Blobs.Row[] some = [.. rows.Where(row => row.Label == "d"), .. rows.Where(row => row.Label == "b")];
        var wide = keys.Transform(Blobs.View(_ml, some));
        var narrow = Blobs.KeyedView(_ml, some.Reverse());

        using var wideModel = _ml.MetaLearning().FewShot(_episodes).Fit(wide);
        using var narrowModel = _ml.MetaLearning().FewShot(_episodes).Fit(narrow);

        var wideScores = wideModel.Transform(wide).GetColumn<float[]>("Score").ToArray();
        var narrowScores = narrowModel.Transform(wide).GetColumn<float[]>("Score").ToArray();
        for (var row = 0; row < some.Length; row++)
        {
            Assert.Equal(0, wideScores[row][0]);
            Assert.Equal(0, wideScores[row][2]);
            Assert.Equal(narrowScores[row][0], wideScores[row][1], 1e-5f);
            Assert.Equal(narrowScores[row][1], wideScores[row][3], 1e-5f);
            Assert.Equal(1, wideScores[row].Sum(), 1e-5f);
        }
    }

    [Fact]
    public void Fit_SharedLabels_MatchesByName()
    {
        // Keys: high = 1, low = 2, unused = 3; the learner's order is low, middle, high.
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(Blobs.View(_ml, Blobs.Classes(["high", "low", "unused"], 1)));
        var rows = Blobs.Classes(["high", "low"], 4);
        var data = keys.Transform(Blobs.View(_ml, rows));

        using var model = _ml.MetaLearning().FewShot(_shared).Fit(data);

        Assert.Equal(["high", "low", "unused", "middle"], model.Classes);
        var scores = model.Transform(data).GetColumn<float[]>("Score").ToArray();
        Assert.All(scores, score => Assert.Equal(0, score[2]));
        Assert.All(scores, score => Assert.InRange(score[3], 1e-6f, 0.5f));
        Assert.Equal(data.GetColumn<uint>("Label"), model.Transform(data).GetColumn<uint>("PredictedLabel"));
    }

    [Fact]
    public void Fit_SharedNumericLabels_MatchesByNumber()
    {
        using var learner = new TinyLearner { Classes = ["1", "2.5", "4"] }.Load();
        var data = _ml.Data.LoadFromEnumerable(new NumericRow[] { new() { Label = 4 }, new() { Label = 1, Features = [3, -2] } });
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);

        using var model = _ml.MetaLearning().FewShot(learner).Fit(keyed);

        VBuffer<float> values = default;
        model.GetOutputSchema(keyed.Schema)["PredictedLabel"].Annotations.GetValue("KeyValues", ref values);
        Assert.Equal([4, 1, 2.5f], values.DenseValues());
        Assert.Null(model.GetOutputSchema(keyed.Schema)["Score"].Annotations.Schema.GetColumnOrNull("SlotNames"));
    }

    [Fact]
    public void PredictedLabel_TextLabels_KeepTheirNames()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["ä", "b", "c"], 3));
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);

        var scored = _ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(model.Transform(data)).Transform(model.Transform(data));

        Assert.Equal(["ä", "b", "c"], scored.GetColumn<string>("PredictedLabel").Distinct());
        VBuffer<ReadOnlyMemory<char>> slots = default;
        model.Transform(data).Schema["Score"].Annotations.GetValue("SlotNames", ref slots);
        Assert.Equal(["ä", "b", "c"], slots.DenseValues().Select(name => name.ToString()));
    }

    [Fact]
    public void PredictedLabel_FeatureIsNaN_IsMissing()
    {
        var rows = Blobs.Classes(["a", "b"], 3);
        var data = Blobs.KeyedView(_ml, rows);
        using var model = _ml.MetaLearning().FewShot(_episodes).Fit(data);
        var query = Blobs.View(_ml, [new Blobs.Row { Features = [float.NaN, 0] }, rows[0]]);

        var scored = model.Transform(query);

        Assert.Equal([0u, 1u], scored.GetColumn<uint>("PredictedLabel"));
        Assert.All(scored.GetColumn<float[]>("Score").First(), score => Assert.True(float.IsNaN(score)));
    }

    [Fact]
    public void Fit_ZeroSteps_IsTheLearnerBeforeAdaptation()
    {
        var data = Blobs.KeyedView(_ml, Blobs.Classes(["a", "b"], 3));
        using var model = _ml.MetaLearning().FewShot(_episodes, new FewShotTrainer.Options { Steps = 0 }).Fit(data);

        Assert.All(model.Transform(data).GetColumn<float[]>("Score"), score => Assert.Equal([0.5f, 0.5f], score));
    }

    [Fact]
    public void Fit_SparseFeatures_EqualDense()
    {
        var schema = SchemaDefinition.Create(typeof(SparseRow));
        schema[nameof(SparseRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        SparseRow[] sparse = [new("a", new VBuffer<float>(2, 1, [3f], [1])), new("b", new VBuffer<float>(2, 0, [], []))];
        Blobs.Row[] dense = [new() { Label = "a", Features = [0, 3] }, new() { Label = "b", Features = [0, 0] }];
        var view = _ml.Data.LoadFromEnumerable(sparse, schema);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);

        using var one = _ml.MetaLearning().FewShot(_episodes).Fit(keyed);
        using var other = _ml.MetaLearning().FewShot(_episodes).Fit(Blobs.KeyedView(_ml, dense));

        Assert.Equal(
            other.Transform(Blobs.View(_ml, dense)).GetColumn<float[]>("Score"),
            one.Transform(view).GetColumn<float[]>("Score"));
    }

    private sealed class NumericRow
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }

    private sealed class SparseRow(string label, VBuffer<float> features)
    {
        public SparseRow()
            : this("", default)
        {
        }

        public string Label { get; set; } = label;

        public VBuffer<float> Features { get; set; } = features;
    }
}
