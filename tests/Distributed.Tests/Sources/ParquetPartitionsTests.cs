using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Distributed.Sources;
using MLNetMeta.Testing;
using Parquet;
using Parquet.Schema;
using Xunit;

namespace MLNetMeta.Distributed.Tests.Sources;

/// <summary>What is written to Parquet files is read from them, and so are files of other programs.</summary>
public sealed class ParquetPartitionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(1);

    private string Folder => Path.Combine(_folder.Path, "partitions");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SavePartitions_KeepsEveryRow_AndEveryTaskInOneFile()
    {
        var rows = ManyTasks.Sinusoids(40, 5);

        var files = _ml.MetaLearning().SavePartitions(ManyTasks.View(_ml, rows), Folder, "Task", partitions: 8);

        var source = new ParquetPartitions(Folder, "Task");
        Assert.Equal(files, source.Partitions);
        var read = Enumerable.Range(0, files).Select(partition => Rows(source, partition).ToArray()).ToArray();
        Assert.Equal(
            rows.OrderBy(row => row.Task).Select(row => (row.Task, row.Label, row.Features[0], row.Features[1])),
            read.SelectMany(of => of).OrderBy(row => row.Task).Select(row => (row.Task, row.Label, row.Features[0], row.Features[1])));
        Assert.Equal(40, read.Sum(of => of.Select(row => row.Task).Distinct().Count()));
        Assert.InRange(files, 5, 8);
    }

    /// <summary>Other machines and later versions have to agree.</summary>
    [Theory]
    [InlineData("machine 0", 256)]
    [InlineData("machine 1", 256)]
    [InlineData("Wien", 7)]
    public void PartitionOf_ATask_NeverChanges(string task, int partitions)
    {
        var expected = (task, partitions) switch { ("machine 0", _) => 20, ("machine 1", _) => 230, _ => 0 };
        Assert.Equal(expected, PartitionWriter.PartitionOf(task, partitions));
    }

    [Theory]
    [InlineData("Labels", false)]
    [InlineData("Class", true)]
    [InlineData("Key", true)]
    [InlineData("IsUp", true)]
    public void SavePartitions_OfEveryKindOfLabel_IsReadAgain(string label, bool isClassification)
    {
        var rows = ManyTasks.Sinusoids(3, 4);
        var view = _ml.Transforms.Expression("IsUp", "x => x > 0", "Label")
            .Append(_ml.Transforms.Expression("Weight", "x => 2 + x", "Label"))
            .Fit(ManyTasks.View(_ml, rows)).Transform(ManyTasks.View(_ml, rows));

        _ml.MetaLearning().SavePartitions(view, Folder, "Task", label, exampleWeightColumnName: "Weight", partitions: 1);

        var read = new ParquetPartitions(Folder, "Task", label, isClassification, "Weight").Read(_ml, 0, CancellationToken.None);
        Assert.Equal(rows.Select(row => row.Label + 2), read.GetColumn<float>("Weight"));
        switch (label)
        {
            case "Labels":
                Assert.Equal(rows.Select(row => row.Labels), read.GetColumn<float[]>(label));
                break;
            case "IsUp":
                Assert.Equal(rows.Select(row => row.Label > 0), read.GetColumn<bool>(label));
                break;
            default:
                Assert.Equal(rows.Select(row => row.Class), read.GetColumn<string>(label));
                break;
        }
    }

    [Fact]
    public async Task Read_OfAnotherProgramsFile_TakesItsTypes()
    {
        Directory.CreateDirectory(Folder);
        var schema = new ParquetSchema(
            new DataField<long>("Machine"), new DataField<double>("Label"), new DataField<int?>("a"), new DataField<bool>("b"),
            new DataField<decimal>("c"));
        await using (var stream = File.Create(Path.Combine(Folder, "a.parquet")))
        {
            await using var writer = await ParquetWriter.CreateAsync(schema, stream);
            for (var group = 0; group < 2; group++)
            {
                using var rows = writer.CreateRowGroup();
                await rows.WriteAsync<long>(schema.DataFields[0], new long[] { group, group });
                await rows.WriteAsync<double>(schema.DataFields[1], new[] { 0.5, 1.5 });
                await rows.WriteAsync<int>(schema.DataFields[2], new int?[] { null, 3 });
                await rows.WriteAsync<bool>(schema.DataFields[3], new[] { true, false });
                await rows.WriteAsync<decimal>(schema.DataFields[4], new[] { 1.25m, 2.5m });
                rows.CompleteValidate();
            }
        }

        var whole = Rows(new ParquetPartitions(Folder, "Machine"), 0, "Machine").ToArray();
        Assert.Equal(["0", "0", "1", "1"], whole.Select(row => row.Task));
        Assert.Equal([0.5f, 1.5f, 0.5f, 1.5f], whole.Select(row => row.Label));
        Assert.Equal([float.NaN, 1, 1.25f], whole[0].Features);
        Assert.Equal([3, 0, 2.5f], whole[3].Features);

        var groups = new ParquetPartitions(Folder, "Machine", partitionPerRowGroup: true);
        Assert.Equal(2, groups.Partitions);
        Assert.Equal(["1", "1"], Rows(groups, 1, "Machine").Select(row => row.Task));

        // Numbers as classes, from a stream.
        var store = new ParquetPartitions(
            ["bucket/a"], name => File.OpenRead(Path.Combine(Folder, Path.GetFileName(name) + ".parquet")), "Machine", "a",
            isClassification: true);
        Assert.Equal(["", "3", "", "3"], store.Read(_ml, 0, CancellationToken.None).GetColumn<string>("a"));
    }

    [Fact]
    public async Task Read_OfAColumnThatIsNoNumber_NamesFileColumnAndType()
    {
        Directory.CreateDirectory(Folder);
        var schema = new ParquetSchema(new DataField<string>("Task"), new DataField<float>("Label"), new DataField<string>("city"));
        await using (var stream = File.Create(Path.Combine(Folder, "a.parquet")))
        {
            await using var writer = await ParquetWriter.CreateAsync(schema, stream);
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(schema.DataFields[0], new[] { "one" });
            await rows.WriteAsync<float>(schema.DataFields[1], new[] { 1f });
            await rows.WriteAsync(schema.DataFields[2], new[] { "Wien" });
            rows.CompleteValidate();
        }

        AssertFails("a.parquet' is String; it must be a number", () => Read("Task", "Label"));
        AssertFails("no column 'Machine'; its columns are Task, Label, city", () => Read("Machine", "Label"));
        AssertFails("no column 'Target'", () => Read("Task", "Target"));

        void Read(string task, string label) => new ParquetPartitions(Folder, task, label).Read(_ml, 0, CancellationToken.None);
    }

    [Fact]
    public void SavePartitions_OfWhatCannotBeWritten_SaysWhy_AndLeavesNothing()
    {
        var view = ManyTasks.View(_ml, ManyTasks.Sinusoids(3, 4));
        AssertFails("The view has no column 'Machine'", () => _ml.MetaLearning().SavePartitions(view, Folder, "Machine"));
        AssertFails("it must be Single or a vector", () => _ml.MetaLearning().SavePartitions(
            view, Folder, "Task", featureColumnName: "Class"));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            _ml.MetaLearning().SavePartitions(view, Folder, "Task", cancellation: cancelled.Token));
        Assert.False(Directory.Exists(Folder) && Directory.EnumerateFiles(Folder).Any());

        _ml.MetaLearning().SavePartitions(view, Folder, "Task");
        AssertFails("already contains *.parquet files", () => _ml.MetaLearning().SavePartitions(view, Folder, "Task"));
        AssertFails("contains no *.parquet files", () => _ = new ParquetPartitions(_folder.Path, "Task"));
    }

    private static void AssertFails(string message, Action act) =>
        Assert.Contains(message, Record.Exception(act)?.Message ?? "nothing", StringComparison.Ordinal);

    private IEnumerable<(string Task, float Label, float[] Features)> Rows(ParquetPartitions source, int partition, string task = "Task")
    {
        var view = source.Read(_ml, partition, CancellationToken.None);
        return view.GetColumn<string>(task).Zip(view.GetColumn<float>("Label"), view.GetColumn<float[]>("Features"));
    }
}
