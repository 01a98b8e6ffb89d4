using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using MLNetMeta.Transforms.FewShot;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

public sealed class SupportReaderTests : IDisposable
{
    private readonly MLContext _ml = new(1);
    private readonly Learner _learner = new TinyLearner { Task = MetaTask.Regression }.Load();
    private readonly Row[] _rows =
    [
        new() { Features = [1, 2], Label = 3, User = "ann" }, new() { Features = [4, 5], Label = 6, User = "bob" },
        new() { Features = [7, 8], Label = 9, User = "ann" },
    ];

    public void Dispose() => _learner.Dispose();

    [Fact]
    public void ReadTasks_OfATaskColumn_TellsTasksApart()
    {
        var (rows, taskOf, names) = Reader("User").ReadTasks(_ml.Data.LoadFromEnumerable(_rows), CancellationToken.None);
        Assert.Equal([1, 2, 4, 5, 7, 8], rows.Features);
        Assert.Equal([3, 6, 9], rows.Targets!);
        Assert.Equal([0, 1, 0], taskOf);
        Assert.Equal(["ann", "bob"], names);
    }

    [Fact]
    public void ReadTasks_WithoutATaskColumn_IsOneTaskWithoutAName()
    {
        var (rows, taskOf, names) = Reader(null).ReadTasks(_ml.Data.LoadFromEnumerable(_rows), CancellationToken.None);
        Assert.Equal(3, rows.Rows);
        Assert.Equal([0, 0, 0], taskOf);
        Assert.Equal([""], names);
    }

    [Fact]
    public void ReadTasks_OfARowThatIsNotFinite_NamesItsSet()
    {
        _rows[1].Label = float.NaN;
        var refusal = Assert.Throws<InvalidOperationException>(
            () => Reader("User").ReadTasks(_ml.Data.LoadFromEnumerable(_rows), CancellationToken.None));
        Assert.Contains("Row 2 of the support set", refusal.Message, StringComparison.Ordinal);
    }

    private SupportReader Reader(string? task) => new(_learner, _learner.ColumnsOf("Label", "Features", task: task));

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }

        public string User { get; set; } = "";
    }
}
