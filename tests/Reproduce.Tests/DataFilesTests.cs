using System.IO.Compression;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

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
    [InlineData(new byte[] { 0, 0, 8, 3, 0, 0 }, "truncated")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 5, 1, 2 }, "should have 5 = 5 values but has 2")]
    public void IdxRead_OtherOrDamagedFile_SaysWhatIsWrong(byte[] bytes, string said)
    {
        File.WriteAllBytes(_path, bytes);
        Assert.Contains(said, Assert.Throws<FormatException>(() => IdxFile.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "c", "no column 'c'; its columns are a, b")]
    [InlineData("a,b\n1\n", "a", "line 2: 1 cells, but the header has 2")]
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

    [Fact]
    public void CifarRead_TwoRecords_GivesLabelsAndPixels()
    {
        var bytes = new byte[2 * (1 + CifarFile.Pixels)];
        (bytes[0], bytes[1], bytes[CifarFile.Pixels], bytes[CifarFile.Pixels + 1], bytes[^1]) = (7, 11, 12, 9, 13);
        File.WriteAllBytes(_path, bytes);
        var (labels, pixels) = CifarFile.Read(_path);
        Assert.Equal([7, 9], labels);
        Assert.Equal(2 * CifarFile.Pixels, pixels.Length);
        Assert.Equal((11, 12, 0, 13), (pixels[0], pixels[CifarFile.Pixels - 1], pixels[CifarFile.Pixels], pixels[^1]));
    }

    [Fact]
    public void CifarRead_OtherOrDamagedFile_SaysWhatIsWrong()
    {
        File.WriteAllBytes(_path, new byte[3000]);
        Refused("3000 bytes, which is not a multiple of 3073");
        File.WriteAllBytes(_path, []);
        Refused("0 bytes");
        var bytes = new byte[3 * (1 + CifarFile.Pixels)];
        bytes[2 * (1 + CifarFile.Pixels)] = 10;
        File.WriteAllBytes(_path, bytes);
        Refused("record 2: label 10, expected 0 to 9");

        void Refused(string said) =>
            Assert.Contains(said, Assert.Throws<FormatException>(() => CifarFile.Read(_path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CifarIn_FolderWithoutSomeFiles_NamesThem()
    {
        using var folder = new Testing.TemporaryFolder();
        File.WriteAllBytes(folder.File("data_batch_2.bin"), []);
        var refusal = Assert.Throws<FormatException>(() => CifarFile.In(folder.Path));
        Assert.Contains("data_batch_1.bin, data_batch_3.bin", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("data_batch_2.bin", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromMnist_FolderWithoutFiles_NamesTheFirst()
    {
        using var folder = new Testing.TemporaryFolder();
        Assert.Contains(
            "train-images-idx3-ubyte", Assert.Throws<FormatException>(() => LabelledRows.FromMnist(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Pick_RowsWithoutAClass_SaysWhichSetAndClass()
    {
        var rows = new LabelledRows([1, 2, 3], [0, 2, 1], 1, 3);
        Assert.Contains(
            "The validation set of 2 rows has no row of class 1",
            Assert.Throws<InvalidOperationException>(() => rows.Pick([0, 1], "validation")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_path);
}
