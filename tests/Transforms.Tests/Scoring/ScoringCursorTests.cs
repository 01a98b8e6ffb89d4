using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>What cursors of a scored view do with their source.</summary>
public sealed class ScoringCursorTests : IDisposable
{
    // Batches that other threads score while one is read.
    private static readonly int _ahead = Environment.ProcessorCount == 1 ? 0 : Math.Min(Environment.ProcessorCount, 8);

    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = new TinyLearner { Features = 3 }.Load();
    private readonly Blobs.Row[] _rows = Blobs.Classes(["a", "b", "c"], 9, features: 3);

    public void Dispose() => _learner.Dispose();

    /// <summary>(batch size; number of rows to move to; rows of the source read by then)</summary>
    public static TheoryData<int?, int, int> ReadAhead
    {
        get
        {
            var data = new TheoryData<int?, int, int>
            {
                // Each batch is four times as large as the one before, up to 2,048 rows.
                { null, 1, 32 }, { null, 32, 32 }, { null, 33, 32 + 128 }, { null, 161, 32 + 128 + 512 },
                { null, 673, 32 + 128 + 512 + 2048 },
                // Batches of a given size are not larger, and small ones are scored where they are read.
                { 7, 1, 7 }, { 7, 8, 14 }, { 31, 32, 62 }, { 31, 94, 124 }, { 64, 33, 32 + 64 },
            };

            // As many at a time as threads score, and the one that is read.
            var (full, ring) = (32 + 64, 64 * (1 + _ahead));
            data.Add(64, full, full);
            data.Add(64, full + 1, full + ring);
            data.Add(64, full + 64, full + ring);
            data.Add(64, full + 65, full + ring + 64);
            data.Add(32, 33, 32 + (32 * (1 + _ahead)));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ReadAhead))]
    public void MoveNext_ToARow_HasReadSoManyOfTheSource(int? batchSize, int row, int read)
    {
        using var model = Model(batchSize);
        var source = Many(5000);
        var scored = model.Transform(source);
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        Assert.Equal(0, source.RowsRead);
        for (var moved = 0; moved < row; moved++)
        {
            Assert.True(cursor.MoveNext());
        }

        Assert.Equal(read, source.RowsRead);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(32)]
    [InlineData(null)]
    public void Batch_OfARow_IsTheSources(int? batchSize)
    {
        using var model = Model(batchSize);
        var scored = model.Transform(Many(300));
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        Assert.Equal(0, cursor.Batch);
        for (var row = 0; cursor.MoveNext(); row++)
        {
            Assert.Equal(row / 10, cursor.Batch);
        }

        Assert.Equal(0, cursor.Batch);
    }

    [Theory]
    [InlineData("Score")]
    [InlineData("Label")]
    public void Dispose_OfACursor_DisposesTheSources(string column)
    {
        using var model = Model(32);
        var source = Many(500);
        var scored = model.Transform(source);
        using (var cursor = scored.GetRowCursor([scored.Schema[column]]))
        {
            for (var row = 0; row < 100; row++)
            {
                cursor.MoveNext();
            }

            Assert.Equal(1, source.OpenCursors);
        }

        Assert.Equal(0, source.OpenCursors);
    }

    [Fact]
    public void Columns_OfACursorThatScoresNothing_AreTheSourcesOnly()
    {
        using var model = Model(32);
        var scored = model.Transform(Many(20));
        using var cursor = scored.GetRowCursor([scored.Schema["Label"]]);
        Assert.True(cursor.IsColumnActive(scored.Schema["Label"]));
        Assert.False(cursor.IsColumnActive(scored.Schema["Features"]));
        Assert.False(cursor.IsColumnActive(scored.Schema["PredictedLabel"]));
        Assert.False(cursor.IsColumnActive(scored.Schema["Score"]));
        Assert.Contains("Score", Refusal("Score"), StringComparison.Ordinal);
        Assert.Contains("Features", Refusal("Features"), StringComparison.Ordinal);
        Assert.True(cursor.MoveNext());
        Assert.Equal((0, 0), (cursor.Position, cursor.Batch));

        string Refusal(string column) => Assert.Throws<InvalidOperationException>(
            () => cursor.GetGetter<VBuffer<float>>(scored.Schema[column])).Message;
    }

    [Fact]
    public void GetRow_OfSomeColumns_HasTheseAndDisposesTheInput()
    {
        using var model = Model(32);
        var source = Many(20);
        var scored = model.Transform(source).Schema;
        var mapper = ((ITransformer)model).GetRowToRowMapper(source.Schema);
        using var input = source.GetRowCursor(source.Schema);
        input.MoveNext();
        using (var row = mapper.GetRow(input, [scored["Label"], scored["Score"]]))
        {
            Assert.Contains("PredictedLabel", Refusal(row, "PredictedLabel"), StringComparison.Ordinal);
            var (label, score) = (default(ReadOnlyMemory<char>), default(VBuffer<float>));
            row.GetGetter<ReadOnlyMemory<char>>(scored["Label"])(ref label);
            row.GetGetter<VBuffer<float>>(scored["Score"])(ref score);
            Assert.Equal(_rows[0].Label, label.ToString());
            Assert.Equal(model.Transform(Many(1)).GetColumn<float[]>("Score").Single(), score.GetValues().ToArray());
            Assert.Equal((0, 0), (row.Position, row.Batch));
        }

        Assert.Equal(0, source.OpenCursors);
        using var next = source.GetRowCursor(source.Schema);
        next.MoveNext();
        using var plain = mapper.GetRow(next, [scored["Label"]]);
        Assert.True(plain.IsColumnActive(scored["Label"]));
        Assert.Contains("Score", Refusal(plain, "Score"), StringComparison.Ordinal);

        string Refusal(DataViewRow row, string column) => Assert.Throws<InvalidOperationException>(
            () => row.GetGetter<VBuffer<float>>(scored[column])).Message;
    }

    [Fact]
    public void Transform_WhileTheModelIsDisposed_FailsOnWhateverThread()
    {
        var model = Model(32);
        var scored = model.Transform(Many(3000));
        using var cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        for (var row = 0; row < 33; row++)
        {
            Assert.True(cursor.MoveNext());
        }

        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() =>
        {
            while (cursor.MoveNext())
            {
            }
        });
    }

    private FewShotPredictionTransformer Model(int? batchSize) => _ml.MetaLearning()
        .FewShot(_learner, new FewShotTrainer.Options { BatchSize = batchSize }).Fit(Blobs.KeyedView(_ml, _rows[..9], 3));

    private WatchedView Many(int rows) =>
        new(Blobs.View(_ml, [.. Enumerable.Range(0, rows).Select(row => _rows[row % _rows.Length])], 3));
}
