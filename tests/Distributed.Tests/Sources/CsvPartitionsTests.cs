using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Distributed.Tests.Sources;

public sealed class CsvPartitionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_OfAFile_TakesAllOtherColumnsForFeatures()
    {
        Write("b.csv", "x,Label,Machine,y\n1,2,two,3\n4,5,two,6\n");
        Write("a.csv", "x,Label,Machine,y\n7,8,one,9\n");
        var source = new CsvPartitions(_folder.Path, "Machine");
        Assert.Equal(2, source.Partitions);

        var view = source.Read(new MLContext(1), 1, CancellationToken.None);

        Assert.Equal(["two", "two"], view.GetColumn<string>("Machine"));
        Assert.Equal([2f, 5], view.GetColumn<float>("Label"));
        Assert.Equal([[1f, 3], [4, 6]], view.GetColumn<float[]>("Features"));
    }

    [Fact]
    public void Read_OfAFileWithoutTheColumn_NamesBoth()
    {
        Write("a.csv", "x,Label\n1,2\n");
        var failure = Assert.Throws<FormatException>(() =>
            new CsvPartitions(_folder.Path, "Machine").Read(new MLContext(1), 0, CancellationToken.None));
        Assert.Contains("no column 'Machine'; its columns are x, Label", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CsvPartitions_OfAFolderWithoutFiles_SayWhich()
    {
        Assert.Contains(
            _folder.Path, Assert.Throws<ArgumentException>(() => new CsvPartitions(_folder.Path, "Machine")).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CsvPartitions(Path.Combine(_folder.Path, "none"), "Machine"));
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.Path, name), content);
}
