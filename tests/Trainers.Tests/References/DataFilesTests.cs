using System.IO.Compression;
using MLNetMeta.Reproduce;
using Xunit;

namespace MLNetMeta.Trainers.Tests.References;

/// <summary>The readers of the reproduction program: original binary files and tables.</summary>
public sealed class DataFilesTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    private static byte[] Images => [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];

    [Fact]
    public void IdxRead_ImagesOfTwoRows_GivesSizesAndValues()
    {
        File.WriteAllBytes(_path, Images);
        var file = IdxFile.Read(_path);
        Assert.Equal([2, 1, 3], file.Sizes);
        Assert.Equal(3, file.Width);
        Assert.Equal([1, 2, 3, 4, 5, 6], file.Values);
    }

    [Fact]
    public void IdxRead_Gzip_IsDecompressed()
    {
        var path = _path + ".gz";
        try
        {
            using (var stream = new GZipStream(File.Create(path), CompressionMode.Compress))
            {
                stream.Write(Images);
            }

            Assert.Equal([1, 2, 3, 4, 5, 6], IdxFile.Read(path).Values);
            File.WriteAllBytes(path, Images);
            Assert.Contains("not a gzip file", Assert.Throws<FormatException>(() => IdxFile.Read(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(new byte[] { 80, 75, 3, 4 }, "not an IDX file")]
    [InlineData(new byte[0], "not an IDX file")]
    [InlineData(new byte[] { 0, 0, 13, 1, 0, 0, 0, 1 }, "type 0x0D")]
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0 }, "cut off")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 5, 1, 2 }, "should hold 5 = 5 values and holds 2")]
    public void IdxRead_OtherOrDamagedFile_SaysWhatIsWrong(byte[] bytes, string said)
    {
        File.WriteAllBytes(_path, bytes);
        Assert.Contains(said, Assert.Throws<FormatException>(() => IdxFile.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "c", "no column 'c'; its columns are a, b")]
    [InlineData("a,b\n1\n", "a", "line 2: 1 cells, the header has 2")]
    [InlineData("a,b\nx,2\ny,z\n", "a", "line 3: 'z' is not a number")]
    [InlineData("", "a", "is empty")]
    public void TableRead_BadTable_SaysWhere(string text, string target, string said)
    {
        File.WriteAllText(_path, text);
        Assert.Contains(said, Assert.Throws<FormatException>(() => TabularFile.Read(_path, target)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TableRead_QuotedCells_GivesFeaturesAndTargets()
    {
        File.WriteAllText(_path, "\"y\",\"u\",\"v\"\n\"T\",1,\"2\"\n\"I\",3,4\n");
        var file = TabularFile.Read(_path, "y");
        Assert.Equal(["u", "v"], file.FeatureNames);
        Assert.Equal(["T", "I"], file.Targets);
        Assert.Equal([[1, 2], [3, 4]], file.Features);
        Assert.Equal([[-1, -1], [1, 1]], file.Standardized().Features);
    }

    public void Dispose() => File.Delete(_path);
}
