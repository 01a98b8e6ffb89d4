using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Support rows with weights.</summary>
public sealed class ExampleWeightsTests : IDisposable
{
    private static readonly FewShotTrainer.Options _weighted = new() { ExampleWeightColumnName = "Weight", KeepSupport = true };

    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = new TinyLearner { ExampleWeights = true }.Load();
    private readonly Row[] _rows =
    [
        .. Blobs.Classes(["a", "b"], 4).Select(row => new Row { Features = row.Features, Label = row.Label, Weight = 1 }),
    ];

    public void Dispose() => _learner.Dispose();

    [Fact]
    public void Fit_OfARowOfWeightTwo_EqualsTheRowTwice()
    {
        Row[] twice = [.. _rows, _rows[0]];
        using var expected = _ml.MetaLearning().FewShot(_learner, _weighted).Fit(Keyed(twice));
        _rows[0].Weight = 2;
        using var model = _ml.MetaLearning().FewShot(_learner, _weighted).Fit(Keyed(_rows));
        using var unweighted = _ml.MetaLearning().FewShot(_learner).Fit(Keyed(_rows));

        AssertClose(Scores(expected), Scores(model));
        Assert.NotEqual(Scores(unweighted), Scores(model));
    }

    [Fact]
    public void Fit_WithoutAWeightColumn_TakesOneForEachRow()
    {
        using var expected = _ml.MetaLearning().FewShot(_learner, _weighted).Fit(Keyed(_rows));
        Array.ForEach(_rows, row => row.Weight = 7);
        using var model = _ml.MetaLearning().FewShot(_learner).Fit(Keyed(_rows));

        Assert.Equal(Scores(expected), Scores(model));
    }

    /// <summary>(whether the first rows have weights; whether those that come later do)</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Fit_OfMoreRows_GivesRowsWithoutWeightsOne(bool first, bool then)
    {
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i].Weight = 0.5f + i;
        }

        FewShotTrainer.Options unweighted = new() { KeepSupport = true };
        var (early, late) = (_rows[..5], _rows[5..]);
        using var before = _ml.MetaLearning().FewShot(_learner, first ? _weighted : unweighted).Fit(Keyed(early));
        using var model = _ml.MetaLearning().FewShot(_learner, then ? _weighted : unweighted).Fit(Keyed(late), before);

        Row[] all =
        [
            .. early.Select(row => row.With(first ? row.Weight : 1)), .. late.Select(row => row.With(then ? row.Weight : 1)),
        ];
        using var expected = _ml.MetaLearning().FewShot(_learner, _weighted).Fit(Keyed(all));
        Assert.Equal(all.Length, model.KeptRows);
        Assert.Equal(Scores(expected), Scores(model));
    }

    [Fact]
    public void FewShot_OfALearnerWithoutWeights_IsRefused()
    {
        using var learner = new TinyLearner().Load();
        var refusal = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().FewShot(learner, _weighted));
        Assert.Contains("Tiny", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("was meta-trained without example weights", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExampleWeightColumnName_Empty_IsRefused()
    {
        var refusal = Assert.Throws<ArgumentException>(() => new FewShotTrainer.Options { ExampleWeightColumnName = "" });
        Assert.Equal("ExampleWeightColumnName", refusal.ParamName);
        Assert.Null(new FewShotTrainer.Options { ExampleWeightColumnName = null }.ExampleWeightColumnName);
    }

    private IDataView Keyed(Row[] rows) => _ml.Transforms.Conversion.MapValueToKey("Label")
        .Fit(_ml.Data.LoadFromEnumerable(_rows)).Transform(_ml.Data.LoadFromEnumerable(rows));

    private float[] Scores(FewShotPredictionTransformer model) =>
        [.. model.Transform(Keyed(_rows)).GetColumn<float[]>("Score").SelectMany(row => row)];

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-5));

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";

        public float Weight { get; set; }

        public Row With(float weight) => new() { Features = Features, Label = Label, Weight = weight };
    }
}
