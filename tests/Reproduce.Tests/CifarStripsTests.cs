using MLNetMeta.Testing;
using SkiaSharp;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

public sealed class CifarStripsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_TwoImages_GivesPlanesOfEach()
    {
        var path = _folder.File("strip.png");
        Strips.Write(path, 32, 64, (x, y) => new SKColor((byte)(y / 32 * 100), (byte)(y % 32), (byte)x));

        var pixels = CifarStrips.Read(path);

        Assert.Equal(2, CifarStrips.Count(path));
        Assert.Equal(2 * CifarFile.Pixels, pixels.Length);
        for (var image = 0; image < 2; image++)
        {
            foreach (var (x, y) in new[] { (0, 0), (31, 0), (5, 17), (31, 31) })
            {
                var at = (image * CifarFile.Pixels) + (32 * y) + x;
                Assert.Equal((100 * image, y, x), (pixels[at], pixels[at + 1024], pixels[at + 2048]));
            }
        }
    }

    [Theory]
    [InlineData(31, 32, "31 pixels wide and 32 high")]
    [InlineData(32, 40, "32 pixels wide and 40 high")]
    public void Read_OtherShape_SaysWhatIsExpected(int width, int height, string said)
    {
        var path = _folder.File("strip.png");
        Strips.Write(path, width, height, (_, _) => SKColors.Red);
        Refused(path, said);
        Refused(path, "expected 32 wide and a multiple of 32 high");
    }

    [Fact]
    public void Read_DamagedOrMissingFile_SaysWhatIsWrong()
    {
        var path = _folder.File("strip.png");
        Refused(path, "There is no file");
        File.WriteAllText(path, "not a picture");
        Refused(path, "cannot be decoded");
        var random = new Random(1);
        Strips.Write(path, 32, 320, (_, _) => new SKColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..5000]);
        Refused(path, "not a whole picture");
    }

    [Fact]
    public void FromCifar_Strips_GivesScaledRowsAndTheTestRowsLast()
    {
        WriteSets("bird", "cat");

        var (rows, testRows) = LabelledRows.FromCifar(_folder.Path);

        Assert.Equal((CifarFile.Pixels, 2, 2), (rows.Width, rows.ClassCount, testRows));
        Assert.Equal([0, 0, 0, 1, 1, 1, 0, 1], rows.Classes);
        Assert.Equal(8 * CifarFile.Pixels, rows.Features.Length);
        var pixels = CifarStrips.Read(Path.Combine(_folder.Path, "test", "cat_0.png"));
        Assert.Equal((pixels[0] - 125.3f) / 63f, rows.Features[7 * CifarFile.Pixels]);
        Assert.Equal((pixels[^1] - 113.9f) / 66.7f, rows.Features[^1]);
    }

    [Fact]
    public void FromCifar_StripsOfOtherClasses_NamesThem()
    {
        WriteSets("bird", "dog");
        Assert.Contains(
            "bird, cat to train, and bird, dog to test",
            Assert.Throws<FormatException>(() => LabelledRows.FromCifar(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromCifar_NoFiles_NamesBothKinds()
    {
        Assert.Contains(
            "cifar-10-batches-bin", Assert.Throws<FormatException>(() => LabelledRows.FromCifar(_folder.Path)).Message,
            StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.File("train"));
        Directory.CreateDirectory(_folder.File("test"));
        Assert.Contains(
            "has no strips", Assert.Throws<FormatException>(() => LabelledRows.FromCifar(_folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>Three training images of bird and cat, and a test image of each class given.</summary>
    private void WriteSets(params string[] tested)
    {
        var (train, test) = (Directory.CreateDirectory(_folder.File("train")), Directory.CreateDirectory(_folder.File("test")));
        Strips.WriteClass(Path.Combine(train.FullName, "bird_0.png"), 3, 1);
        Strips.WriteClass(Path.Combine(train.FullName, "cat_0.png"), 3, 2);
        for (var i = 0; i < tested.Length; i++)
        {
            Strips.WriteClass(Path.Combine(test.FullName, $"{tested[i]}_0.png"), 1, 1 + i);
        }
    }

    private static void Refused(string path, string said) => Assert.Contains(
        said, Assert.Throws<FormatException>(() => CifarStrips.Read(path)).Message, StringComparison.Ordinal);
}
