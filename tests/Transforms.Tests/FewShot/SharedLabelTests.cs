using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Classes that all tasks share, when a support set has only some of them, or names of other types than text.</summary>
public sealed class SharedLabelTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = new TinyLearner { Classes = ["low", "middle", "high"] }.Load();

    public void Dispose() => _learner.Dispose();

    [Fact]
    public void MapLabelToKey_PartialSupport_EvaluatesEveryQuery()
    {
        var queries = Blobs.View(_ml, Blobs.Classes(["low", "middle", "high"], 10));
        var support = Blobs.View(_ml, Blobs.Classes(["high", "low"], 3));

        using var model = _ml.MetaLearning().MapLabelToKey(_learner).Append(_ml.MetaLearning().FewShot(_learner)).Fit(support);
        var scored = model.Transform(queries);

        Assert.Equal(["low", "middle", "high"], model.LastTransformer.Classes);
        Assert.DoesNotContain(0u, scored.GetColumn<uint>("Label"));
        Assert.Equal(0.1, _ml.MulticlassClassification.Evaluate(scored).ConfusionMatrix.Counts.Sum(row => row.Sum()) / 300.0);
    }

    [Fact]
    public void Fit_KeysThatLackClasses_Warns()
    {
        var warnings = new List<string>();
        _ml.Log += (_, log) =>
        {
            if (log.Kind == ChannelMessageKind.Warning)
            {
                warnings.Add(log.Message);
            }
        };
        using (_ml.MetaLearning().FewShot(_learner).Fit(Blobs.KeyedView(_ml, Blobs.Classes(["high", "middle", "low"], 2))))
        {
            Assert.Empty(warnings);
        }

        using var model = _ml.MetaLearning().FewShot(_learner).Fit(Blobs.KeyedView(_ml, Blobs.Classes(["high"], 2)));

        Assert.Contains("lack the learner's classes 'low', 'middle'", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Contains("MapLabelToKey", warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void MapLabelToKey_LearnerFromEpisodes_IsRefused()
    {
        using var episodes = new TinyLearner().Load();

        var error = Assert.Throws<ArgumentException>(() => _ml.MetaLearning().MapLabelToKey(episodes));

        Assert.Contains("MapValueToKey", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_KeysWithoutNames_AreCalledByTheirNumbers()
    {
        using var numbered = new TinyLearner { Classes = ["3", "1"] }.Load();
        var data = _ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 8).Select(i => new Numbered { Features = [i % 2, 1], Label = i % 2 == 0 ? 0u : 2u }));

        using var model = _ml.MetaLearning().FewShot(numbered).Fit(data);

        Assert.Equal(["1", "2", "3"], model.Classes);
        Assert.Equal([1u, 3u], model.Transform(data).GetColumn<uint>("PredictedLabel").Distinct().Order());
        Assert.Throws<InvalidOperationException>(() => _ml.MetaLearning().FewShot(_learner).Fit(data));
    }

    [Fact]
    public void LoadModel_KeysOfTimes_KeepEveryMillisecond()
    {
        var start = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        var data = _ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 12).Select(i => new Timed { Features = [i % 3, 1], Label = start.AddMilliseconds(i % 3) }));
        using var learner = new TinyLearner { Steps = 500 }.Load();
        using var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MetaLearning().FewShot(learner)).Fit(data);
        Assert.Equal(3, model.LastTransformer.Classes.Distinct().Count());
        using var stream = new MemoryStream();
        _ml.Model.Save(model, data.Schema, stream);
        stream.Position = 0;

        var loaded = _ml.MetaLearning().LoadModel(stream, out _);

        using var disposable = (IDisposable)loaded;
        var scored = loaded.Transform(data);
        var times = _ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored)
            .GetColumn<DateTime>("PredictedLabel");
        Assert.Equal(Enumerable.Range(0, 3).Select(i => start.AddMilliseconds(i)), times.Distinct().Order());
    }

    [Fact]
    public void Fit_SharedTimes_AreMatchedToTheMillisecond()
    {
        var start = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        string[] times = [start.ToString("O"), start.AddMilliseconds(1).ToString("O"), start.AddMilliseconds(2).ToString("O")];
        using var learner = new TinyLearner { Classes = times }.Load();
        var data = _ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 8).Select(i => new Timed { Features = [i % 2, 1], Label = start.AddMilliseconds(i % 2) }));

        using var model = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MetaLearning().FewShot(learner)).Fit(data);

        var scored = model.Transform(data);
        VBuffer<DateTime> names = default;
        scored.Schema["PredictedLabel"].GetKeyValues(ref names);
        Assert.Equal(Enumerable.Range(0, 3).Select(i => start.AddMilliseconds(i)), names.DenseValues());
    }

    private sealed class Numbered
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        /// <summary>From 0: ML.NET adds the one that keys start from.</summary>
        [KeyType(3)]
        public uint Label { get; set; }
    }

    private sealed class Timed
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public DateTime Label { get; set; }
    }
}
