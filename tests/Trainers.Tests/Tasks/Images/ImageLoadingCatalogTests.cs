using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using SkiaSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks;

public sealed class ImageLoadingCatalogTests : IDisposable
{
    private static readonly ImageShape _grey = new(1, 2, 2);

    private readonly TemporaryFolder _folder = new();
    private readonly MetaClassificationCatalog _catalog = new MLContext(1).MetaLearning().Classification;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LoadImageFolders_OfAFolder_ScalesAndLabels()
    {
        // 4 × 4, left half white: each target pixel averages 2 × 2.
        Write("cats/a.png", (x, _) => x < 2 ? SKColors.White : SKColors.Black);
        Write("dogs/b.png", (_, y) => y < 2 ? SKColors.Red : SKColors.Black);
        var view = _catalog.LoadImageFolders(_folder.File(""), _grey, minimumImagesPerClass: 1);
        Assert.Equal(["cats", "dogs"], view.GetColumn<string>("Label"));
        var features = view.GetColumn<float[]>("Features").ToArray();
        Assert.Equal([1f, 0f, 1f, 0f], features[0]);
        Assert.Equal([1 / 3f, 1 / 3f, 0f, 0f], features[1].Select(f => MathF.Round(f, 6)).Select(f => f > 0.3f ? 1 / 3f : f));
        Assert.Equal(4, ((VectorDataViewType)view.Schema["Features"].Type).Size);
    }

    [Fact]
    public void LoadImageFolders_OfColours_GivesChannelByChannel()
    {
        Write("a/x.png", (_, _) => new SKColor(255, 0, 51));
        var view = _catalog.LoadImageFolders(_folder.File(""), new ImageShape(3, 1, 2), minimumImagesPerClass: 1);
        Assert.Equal([1f, 1f, 0f, 0f, 0.2f, 0.2f], view.GetColumn<float[]>("Features").Single());
    }

    [Fact]
    public void LoadOmniglot_OfAnArchive_InvertsAndRotates()
    {
        Write("images/Latin/character01/1.png", (x, y) => x < 2 && y < 2 ? SKColors.Black : SKColors.White);
        var zip = _folder.File("omniglot.zip");
        ZipFile.CreateFromDirectory(_folder.File("images"), zip);
        Assert.Equal(["Latin/character01"], _catalog.OmniglotCharacters([zip]));
        var view = _catalog.LoadOmniglot([zip], size: 2, rotations: true);
        Assert.Equal(
            ["Latin/character01", "Latin/character01/rotated90", "Latin/character01/rotated180", "Latin/character01/rotated270"],
            view.GetColumn<string>("Label"));
        float[][] corners = [[1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0]];
        Assert.Equal(corners, view.GetColumn<float[]>("Features"));
        Assert.Empty(_catalog.LoadOmniglot([zip], size: 2, take: label => label == "none").GetColumn<string>("Label"));
    }

    [Fact]
    public void Load_OfWhatIsNotThere_NamesIt()
    {
        Assert.Contains(
            "nowhere", Assert.Throws<FileNotFoundException>(() => _catalog.LoadImageFolders(_folder.File("nowhere"), _grey)).Message,
            StringComparison.Ordinal);
        Directory.CreateDirectory(_folder.File("empty"));
        Assert.Contains(
            "contains no images",
            Assert.Throws<InvalidOperationException>(() => _catalog.LoadImageFolders(_folder.File("empty"), _grey)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(_folder.File("fake.zip"), "no archive");
        Assert.Contains(
            "fake.zip' is not a zip archive",
            Assert.Throws<FormatException>(() => _catalog.LoadOmniglot([_folder.File("fake.zip")])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _catalog.LoadImageFolders(_folder.File("empty"), new ImageShape(2, 2, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _catalog.LoadOmniglot([], size: 0));
    }

    [Fact]
    public void LoadImageFolders_OfAClassWithTooFewImages_NamesIt()
    {
        Write("lonely/x.png", (_, _) => SKColors.White);
        var failure = Assert.Throws<InvalidOperationException>(
            () => _catalog.LoadImageFolders(_folder.File(""), _grey, minimumImagesPerClass: 2));
        Assert.Contains("Class 'lonely'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("1 images: at least 2", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("half")]
    [InlineData("nothing")]
    public void Load_OfADamagedImage_NamesTheFile(string damage)
    {
        Write("a/whole.png", (x, y) => new SKColor((byte)(60 * x), (byte)(60 * y), 9));
        var whole = File.ReadAllBytes(_folder.File("a/whole.png"));
        File.WriteAllBytes(_folder.File("a/broken.png"), damage switch
        {
            "text" => "no image"u8.ToArray(),
            "half" => whole[..(whole.Length / 2)],
            _ => [],
        });
        var view = _catalog.LoadImageFolders(_folder.File(""), _grey, minimumImagesPerClass: 1);
        var failure = Assert.Throws<FormatException>(() => view.GetColumn<float[]>("Features").ToArray());
        Assert.Contains("broken.png' cannot be decoded", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfADamagedArchive_NamesIt()
    {
        var random = new Random(1);
        Write("images/a/x.png", (_, _) => new SKColor((uint)random.Next()));
        var zip = _folder.File("images.zip");
        ZipFile.CreateFromDirectory(_folder.File("images"), zip);
        var whole = File.ReadAllBytes(zip);

        File.WriteAllBytes(zip, whole[..^30]);
        Assert.Contains(
            "images.zip' is not a zip archive, or is truncated",
            Assert.Throws<FormatException>(() => _catalog.OmniglotCharacters([zip])).Message, StringComparison.Ordinal);

        // The list of files at the end is whole, what it leads to is not.
        for (var i = 40; i < 80; i++)
        {
            whole[i] ^= 255;
        }

        File.WriteAllBytes(zip, whole);
        var view = _catalog.LoadImageFolders(zip, _grey, minimumImagesPerClass: 1);
        var failure = Assert.Throws<FormatException>(() => view.GetColumn<float[]>("Features").ToArray());
        Assert.Contains("images.zip/a/x.png' cannot be decoded", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAnArchiveWithoutImages_SaysWhatIsExpected()
    {
        var zip = _folder.File("empty.zip");
        using (ZipFile.Open(zip, ZipArchiveMode.Create))
        {
        }

        Assert.Contains(
            "contains no images: expected PNG", Assert.Throws<InvalidOperationException>(() => _catalog.LoadOmniglot([zip])).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "contains no images", Assert.Throws<InvalidOperationException>(() => _catalog.LoadImageFolders(zip, _grey)).Message,
            StringComparison.Ordinal);
        Assert.Empty(_catalog.OmniglotCharacters([zip]));
    }

    [Theory]
    [InlineData(2, 4, 4)]
    [InlineData(1, 0, 4)]
    [InlineData(3, 4, -1)]
    public void LoadImageFolders_OfAShapeThatImagesCannotHave_SaysWhatIsAllowed(int channels, int height, int width)
    {
        var refusal = Assert.Throws<ArgumentOutOfRangeException>(
            () => _catalog.LoadImageFolders(_folder.File(""), new ImageShape(channels, height, width)));
        Assert.Contains(
            "must be 1 (grey) or 3 (red, green, blue) channels of at least 1 × 1 pixels", refusal.Message, StringComparison.Ordinal);
    }

    private void Write(string path, Func<int, int, SKColor> colour) => PngFile.Write(_folder.File(path), 4, colour);
}
