using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>Batched scoring gives what scoring row by row would give, and leaves everything else as it is.</summary>
public sealed class ScoringViewTests : IDisposable
{
    private const int RowCount = 100;
    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = new TinyLearner { Features = 3 }.Load();
    private readonly Blobs.Row[] _rows = Blobs.Classes(["a", "b", "c"], RowCount, features: 3)[..RowCount];

    public void Dispose() => _learner.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(RowCount)]
    [InlineData(null)]
    public void Transform_AnyBatchSize_EqualsRowByRow(int? batchSize)
    {
        using var model = Model(batchSize);
        var alone = _rows.Select(row => model.Transform(View([row])).GetColumn<float[]>("Score").Single()).ToArray();

        Assert.Equal(alone, model.Transform(View(_rows)).GetColumn<float[]>("Score"));
    }

    [Theory]
    [InlineData(40, 5)]
    [InlineData(300, 20)]
    [InlineData(784, 33)]
    public void Transform_WideRows_EqualRowByRow(int features, int classes)
    {
        using var learner = new TinyLearner { Features = features, Steps = 3 }.Load();
        string[] labels = [.. Enumerable.Range(0, classes).Select(i => $"{i}")];
        var rows = Blobs.Classes(labels, 3, features);
        using var model = _ml.MetaLearning().FewShot(learner).Fit(Blobs.KeyedView(_ml, rows, features));
        var alone = rows.Select(row => model.Transform(Blobs.View(_ml, [row], features)).GetColumn<float[]>("Score").Single()).ToArray();

        Assert.Equal(alone, model.Transform(Blobs.View(_ml, rows, features)).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void Transform_OtherColumns_StayWithTheirRows()
    {
        using var model = Model(7);
        var data = model.Transform(View(_rows));

        var seen = _ml.Data.CreateEnumerable<ScoredRow>(data, reuseRowObject: false).ToArray();

        Assert.Equal(_rows.Select(row => row.Label), seen.Select(row => row.Label));
        Assert.Equal(_rows.Select(row => row.Features), seen.Select(row => row.Features));
        Assert.Equal(data.GetColumn<float[]>("Score"), seen.Select(row => row.Score));
    }

    [Fact]
    public void GetRowCursor_PositionsAndIds_AreTheSources()
    {
        using var model = Model(7);
        var source = View(_rows);
        using var expected = source.GetRowCursor(source.Schema);
        var scored = model.Transform(source);
        using var actual = scored.GetRowCursor([scored.Schema["Score"]]);
        var (expectedId, actualId) = (expected.GetIdGetter(), actual.GetIdGetter());

        Assert.Equal(-1, actual.Position);
        while (expected.MoveNext())
        {
            Assert.True(actual.MoveNext());
            DataViewRowId want = default, got = default;
            expectedId(ref want);
            actualId(ref got);
            Assert.Equal(want, got);
            Assert.Equal(expected.Position, actual.Position);
        }

        Assert.False(actual.MoveNext());
        Assert.False(actual.MoveNext());
        Assert.Equal(-1, actual.Position);
    }

    [Fact]
    public void GetRowCursor_UnrequestedColumns_AreInactive()
    {
        using var model = Model(7);
        var source = new WatchedView(View(_rows));
        var scored = model.Transform(source);

        using var cursor = scored.GetRowCursor([scored.Schema["PredictedLabel"]]);

        Assert.Equal(["Features"], source.Requested);
        Assert.True(cursor.IsColumnActive(scored.Schema["PredictedLabel"]));
        Assert.False(cursor.IsColumnActive(scored.Schema["Score"]));
        Assert.False(cursor.IsColumnActive(scored.Schema["Features"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<string>(scored.Schema["Label"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(scored.Schema["PredictedLabel"]));
    }

    [Fact]
    public void GetRowCursor_NoOwnColumn_DoesNotScore()
    {
        using var model = Model(7);
        var source = new WatchedView(View(_rows));

        Assert.Equal(_rows.Select(row => row.Label), model.Transform(source).GetColumn<string>("Label"));

        Assert.Equal(["Label"], source.Requested);
    }

    [Fact]
    public void GetGetter_BeforeTheFirstRow_Refuses()
    {
        using var model = Model(7);
        var scored = model.Transform(View(_rows));
        using var cursor = scored.GetRowCursor(scored.Schema);
        var getter = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);

        uint label = 0;
        Assert.Throws<InvalidOperationException>(() => getter(ref label));
    }

    [Fact]
    public void Transform_FilteredSource_OfUnknownLength_ScoresWhatIsLeft()
    {
        using var model = Model(7);
        var numbered = _ml.Transforms.Conversion.MapValueToKey("Key", "Label").Fit(View(_rows)).Transform(View(_rows));
        var filtered = _ml.Data.FilterRowsByKeyColumnFraction(numbered, "Key", 0, 0.34);

        var scored = model.Transform(filtered);

        Assert.Null(scored.GetRowCount());
        Assert.Equal(filtered.GetColumn<string>("Label").Count(), scored.GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void Transform_NoRows_GivesNone()
    {
        using var model = Model(7);

        Assert.Empty(model.Transform(View([])).GetColumn<float[]>("Score"));
    }

    [Fact]
    public void GetRowCursor_Shuffled_KeepsRowsTogether()
    {
        using var model = Model(7);
        var scored = model.Transform(View(_rows));
        var inOrder = _ml.Data.CreateEnumerable<ScoredRow>(scored, reuseRowObject: false).ToArray();

        var shuffled = _ml.Data.CreateEnumerable<ScoredRow>(_ml.Data.ShuffleRows(scored, seed: 5), reuseRowObject: false).ToArray();

        Assert.NotEqual(inOrder.Select(row => row.Score), shuffled.Select(row => row.Score));
        Assert.Equal(Lines(inOrder).Order(), Lines(shuffled).Order());

        static IEnumerable<string> Lines(ScoredRow[] rows) =>
            rows.Select(row => $"{row.Label} {string.Join(' ', row.Features)} {string.Join(' ', row.Score)}");
    }

    [Fact]
    public void GetRowCursorSet_AllCursors_CoverEveryRowOnce()
    {
        using var model = Model(7);
        var cached = _ml.Data.Cache(View(_rows));
        var scored = model.Transform(cached);
        var expected = scored.GetColumn<float[]>("Score").Select(score => string.Join(' ', score)).Order();
        var actual = new List<string>();

        foreach (var cursor in scored.GetRowCursorSet([scored.Schema["Score"]], 3))
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
                VBuffer<float> score = default;
                while (cursor.MoveNext())
                {
                    getter(ref score);
                    actual.Add(string.Join(' ', score.DenseValues()));
                }
            }
        }

        Assert.Equal(expected, actual.Order());
    }

    [Fact]
    public void Transform_FromManyThreads_GivesTheSame()
    {
        using var model = Model(7);
        var scored = model.Transform(View(_rows));
        var expected = scored.GetColumn<float[]>("Score").ToArray();

        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
            Assert.Equal(expected, model.Transform(View(_rows)).GetColumn<float[]>("Score")));
    }

    [Fact]
    public async Task Dispose_WhileScoring_NeverCrashes()
    {
        for (var round = 0; round < 20; round++)
        {
            var model = Model(1);
            var scored = model.Transform(View(_rows));
            var reader = Task.Run(() => Record.Exception(() => scored.GetColumn<float[]>("Score").Count()));
            model.Dispose();

            Assert.True(await reader is null or ObjectDisposedException);
        }
    }

    [Fact]
    public void Transform_FirstRowsOnly_ReadFewRowsAhead()
    {
        using var model = Model(null);
        var read = 0;
        var source = _ml.Data.FilterByCustomPredicate<Blobs.Row>(View(_rows), _ =>
        {
            Interlocked.Increment(ref read);
            return false;
        });

        var first = model.Transform(source).GetColumn<float[]>("Score").First();

        Assert.Equal(3, first.Length);
        Assert.InRange(read, 1, 40);
    }

    [Fact]
    public void Transform_GrowingBatches_KeepEveryRow()
    {
        using var model = Model(null);
        Blobs.Row[] many = [.. Enumerable.Range(0, 30).SelectMany(_ => _rows)];

        var scored = _ml.Data.CreateEnumerable<ScoredRow>(model.Transform(View(many)), reuseRowObject: false).ToArray();

        var expected = model.Transform(View(_rows)).GetColumn<float[]>("Score").ToArray();
        Assert.Equal(many.Select(row => row.Label), scored.Select(row => row.Label));
        Assert.All(Enumerable.Range(0, many.Length), index => Assert.Equal(expected[index % RowCount], scored[index].Score));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(100)]
    [InlineData(null)]
    public void Transform_BatchesOnManyThreads_KeepEveryRowAndOrder(int? batchSize)
    {
        using var model = Model(batchSize);
        Blobs.Row[] many = [.. Enumerable.Range(0, 97).SelectMany(_ => _rows)];
        var expected = model.Transform(View(_rows)).GetColumn<float[]>("Score").ToArray();

        for (var pass = 0; pass < 3; pass++)
        {
            var scored = _ml.Data.CreateEnumerable<ScoredRow>(model.Transform(View(many)), reuseRowObject: false).ToArray();

            Assert.Equal(many.Select(row => row.Label), scored.Select(row => row.Label));
            Assert.All(Enumerable.Range(0, many.Length), index => Assert.Equal(expected[index % RowCount], scored[index].Score));
        }
    }

    [Fact]
    public void GetRowCursor_LeftEarly_WaitsForItsBatches()
    {
        using var model = Model(64);
        var scored = model.Transform(View([.. Enumerable.Range(0, 50).SelectMany(_ => _rows)]));

        for (var rows = 0; rows < 600; rows += 29)
        {
            Assert.Equal(rows, scored.GetColumn<float[]>("Score").Take(rows).Count());
        }
    }

    [Fact]
    public void Transform_ReadByManyAtOnce_NeverStarves()
    {
        using var model = Model(32);
        Blobs.Row[] many = [.. Enumerable.Range(0, 20).SelectMany(_ => _rows)];

        // More readers than the thread pool has threads: each can score its own batches.
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 64 }, _ =>
            Assert.Equal(many.Length, model.Transform(View(many)).GetColumn<float[]>("Score").Count()));
    }

    [Fact]
    public void Transform_SourceThatFails_SaysWhy()
    {
        using var model = Model(64);
        var read = 0;
        var source = _ml.Data.FilterByCustomPredicate<Blobs.Row>(
            View([.. Enumerable.Range(0, 50).SelectMany(_ => _rows)]), _ => ++read == 3000
                ? throw new InvalidDataException("row 3000")
                : false);

        var error = Record.Exception(() => model.Transform(source).GetColumn<float[]>("Score").Count());

        Assert.Contains("row 3000", error?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WhileManyThreadsScore_NeverCrashes()
    {
        for (var round = 0; round < 20; round++)
        {
            var model = Model(32);
            var scored = model.Transform(View([.. Enumerable.Range(0, 30).SelectMany(_ => _rows)]));
            var reader = Task.Run(() => Record.Exception(() => scored.GetColumn<float[]>("Score").Count()));
            await Task.Yield();
            model.Dispose();

            Assert.True(await reader is null or ObjectDisposedException);
        }
    }

    [Fact]
    public void Transform_LongRows_UseSmallerBatches()
    {
        using var learner = new TinyLearner { Features = 1 << 19 }.Load();
        var columns = learner.ColumnsOf("Label", "Features");
        var schema = new DataViewSchema.Builder();
        schema.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, 1 << 19));

        var plan = new ScoringPlan(schema.ToSchema(), columns, learner, null!, ScoreLayout.Regression(1), batchSize: null);

        Assert.Equal(2, plan.BatchSize);
    }

    private FewShotPredictionTransformer Model(int? batchSize) =>
        _ml.MetaLearning().FewShot(_learner, new FewShotTrainer.Options { BatchSize = batchSize }).Fit(Blobs.KeyedView(_ml, _rows[..9], 3));

    private IDataView View(Blobs.Row[] rows) => Blobs.View(_ml, rows, 3);

    private sealed class ScoredRow
    {
        public float[] Features { get; set; } = [];

        public string Label { get; set; } = "";

        public float[] Score { get; set; } = [];
    }
}
