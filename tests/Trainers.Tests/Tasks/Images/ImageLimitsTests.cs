using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Testing;
using SkiaSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Tasks;

/// <summary>Folders, archives and images that cost far more than their size: refused by name, before memory is taken.</summary>
public sealed class ImageLimitsTests : IDisposable
{
    /// <summary>Only a loader that hangs takes so long.</summary>
    private const int Hang = 30 * 60 * 1000;

    private static readonly ImageShape _grey = new(1, 2, 2);

    private readonly TemporaryFolder _folder = new();
    private readonly MetaClassificationCatalog _catalog = new MLContext(1).MetaLearning().Classification;

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Hang)]
    public async Task Load_OfAFolderWithLinks_PassesThemOver()
    {
        var image = Png("root/cats/a.png");
        Png("elsewhere/b.png");
        // Two links to the folder they are in: followed, they would have 2ⁿ paths of n links.
        Directory.CreateSymbolicLink(_folder.File("root/cats/one"), _folder.File("root/cats"));
        Directory.CreateSymbolicLink(_folder.File("root/cats/two"), _folder.File("root/cats"));
        Directory.CreateSymbolicLink(_folder.File("root/dogs"), _folder.File("elsewhere"));
        File.CreateSymbolicLink(_folder.File("root/cats/again.png"), image);
        File.CreateSymbolicLink(_folder.File("root/cats/dangling.png"), _folder.File("nowhere.png"));
        var view = await Task.Run(() => _catalog.LoadImageFolders(_folder.File("root"), _grey, minimumImagesPerClass: 1));
        Assert.Equal(["cats"], view.GetColumn<string>("Label"));
        Assert.Equal(["cats"], _catalog.OmniglotCharacters([_folder.File("root")]));

        // The path itself may be a link.
        Directory.CreateSymbolicLink(_folder.File("root link"), _folder.File("root"));
        Assert.Equal(
            ["cats"], _catalog.LoadImageFolders(_folder.File("root link"), _grey, minimumImagesPerClass: 1).GetColumn<string>("Label"));
    }

    [Fact(Timeout = Hang)]
    public async Task Load_OfAFolderWithAPipe_NamesIt()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // A pipe has no place among the files there.
        }

        Png("cats/a.png");
        using (var making = Process.Start("mkfifo", _folder.File("cats/pipe.png")))
        {
            await making.WaitForExitAsync();
            Assert.Equal(0, making.ExitCode);
        }

        var refusal = await Task.Run(() => Refusal(_folder.File("")));
        Assert.Contains("pipe.png' cannot be decoded", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20_000, 20_000, "20,000 × 20,000 pixels; at most 50,000,000 are allowed")]
    [InlineData(65_500, 65_500, "65,500 × 65,500 pixels; at most 50,000,000 are allowed")]
    [InlineData(int.MaxValue, int.MaxValue, "cannot be decoded")]
    public void Load_OfAnImageOfManyPixels_NamesIt(int height, int width, string message)
    {
        var path = Png("cats/giant.png");
        File.WriteAllBytes(path, WithSize(File.ReadAllBytes(path), height, width));
        var refusal = Refusal(_folder.File(""));
        Assert.Contains("giant.png'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAnImageJustWithinTheLimits_ReadsIt()
    {
        var path = Png("cats/a.png");
        var limits = new ImageLimits
        {
            MaximumPixels = 16, MaximumBytes = (int)new FileInfo(path).Length, MaximumFiles = 1, MaximumDepth = 1,
        };
        Assert.Single(_catalog.LoadImageFolders(_folder.File(""), _grey, 1, limits).GetColumn<float[]>("Features"));
        var zip = Zip(("cats/a.png", File.ReadAllBytes(path)));
        Assert.Single(_catalog.LoadImageFolders(zip, _grey, 1, limits).GetColumn<float[]>("Features"));

        Assert.Contains("MaximumPixels", Refusal(_folder.File(""), limits with { MaximumPixels = 15 }).Message, StringComparison.Ordinal);
        Assert.Contains(
            "MaximumBytes", Refusal(zip, limits with { MaximumBytes = limits.MaximumBytes - 1 }).Message, StringComparison.Ordinal);
        Assert.Contains(
            "MaximumBytes", Refusal(_folder.File("cats"), limits with { MaximumBytes = limits.MaximumBytes - 1 }).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfMoreImagesThanAllowed_SaysSo()
    {
        var bytes = File.ReadAllBytes(Png("root/cats/a.png"));
        Png("root/cats/b.png");
        var limits = new ImageLimits { MaximumFiles = 1 };
        foreach (var path in (string[])[_folder.File("root"), Zip(("cats/a.png", bytes), ("cats/b.png", bytes))])
        {
            var refusal = Assert.Throws<InvalidOperationException>(() => _catalog.LoadImageFolders(path, _grey, 1, limits));
            Assert.Contains($"'{path}' contains more than 1 images", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_OfDeeperFoldersThanAllowed_NamesThem()
    {
        var bytes = File.ReadAllBytes(Png("root/a/b/c/x.png"));
        var limits = new ImageLimits { MaximumDepth = 2 };
        var folder = Assert.Throws<InvalidOperationException>(() => _catalog.LoadImageFolders(_folder.File("root"), _grey, 1, limits));
        Assert.Contains(Path.Combine("a", "b", "c") + "' is nested too deep", folder.Message, StringComparison.Ordinal);
        var archive = Assert.Throws<InvalidOperationException>(
            () => _catalog.LoadImageFolders(Zip(("a/b/c/x.png", bytes)), _grey, 1, limits));
        Assert.Contains("a/b/c/x.png' is nested too deep", archive.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAnEntryThatUnfoldsToMoreThanAllowed_NamesIt()
    {
        var zip = Zip(("cats/bomb.png", new byte[1_000_000]));
        Assert.InRange(new FileInfo(zip).Length, 1, 10_000);
        var refusal = Refusal(zip, new ImageLimits { MaximumBytes = 999_999 });
        Assert.Contains(
            "images.zip/cats/bomb.png' has 1,000,000 bytes; at most 999,999 are allowed", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_OfAnEntryThatIsNotAsLongAsItSays_NamesIt(bool isLonger)
    {
        // An image, and zeros that no decoder would mind.
        var image = File.ReadAllBytes(Png("image/a.png"));
        var declared = isLonger ? image.Length : 2_000_000;
        var zip = Zip(("cats/bomb.png", [.. image, .. new byte[1_000_000 - image.Length]]));
        var bytes = File.ReadAllBytes(zip);
        // The length of what is packed is in the entry's own header and in the list at the end.
        for (var i = 0; i <= bytes.Length - 4; i++)
        {
            if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i)) == 1_000_000)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i), declared);
            }
        }

        File.WriteAllBytes(zip, bytes);
        Assert.Contains("images.zip/cats/bomb.png' cannot be decoded", Refusal(zip).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAnArchiveWithALink_PassesItOver()
    {
        var bytes = File.ReadAllBytes(Png("cats/a.png"));
        var path = Zip(("cats/a.png", bytes));
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            var link = archive.CreateEntry("cats/link.png");
            using var target = link.Open();
            target.Write("a.png"u8);
            link.ExternalAttributes = unchecked((int)0xA1FF0000);
        }

        Assert.Single(_catalog.LoadImageFolders(path, _grey, minimumImagesPerClass: 1).GetColumn<float[]>("Features"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_OfAFileWithAnyBitFlipped_GivesTheImageOrNamesTheFile(bool inArchive)
    {
        var image = Png("image/cats/a.png");
        // A bitmap has no checksum: only the archive's tells that it was changed.
        var path = inArchive ? Zip(("cats/a.bmp", Bitmap())) : image;
        var view = () => _catalog.LoadImageFolders(inArchive ? path : _folder.File("image"), _grey, minimumImagesPerClass: 1);
        float[] whole = [.. view().GetColumn<float[]>("Features").Single()];
        var bytes = File.ReadAllBytes(path);
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                foreach (var features in view().GetColumn<float[]>("Features"))
                {
                    Assert.True(!inArchive || whole.SequenceEqual(features), $"Another image with bit {bit} flipped.");
                }
            }
            catch (FormatException refusal)
            {
                Assert.Contains(Path.GetFileName(path), refusal.Message, StringComparison.Ordinal);
            }
            catch (InvalidOperationException refusal)
            {
                // The name of the entry was hit: it is no image any more.
                Assert.Contains("contains no images", refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    public static TheoryData<ImageLimits, string> OutOfRange => new()
    {
        { new ImageLimits { MaximumPixels = 0 }, "MaximumPixels must be at least 1" },
        { new ImageLimits { MaximumBytes = 0 }, "MaximumBytes must be at least 1" },
        { new ImageLimits { MaximumFiles = 0 }, "MaximumFiles must be at least 1" },
        { new ImageLimits { MaximumDepth = -1 }, "MaximumDepth must be at least 0" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Load_WithALimitOutOfRange_SaysWhatIsAllowed(ImageLimits limits, string message)
    {
        Func<object>[] doors =
        [
            () => _catalog.LoadImageFolders(_folder.File(""), _grey, limits: limits),
            () => _catalog.LoadOmniglot([_folder.File("")], limits: limits),
            () => _catalog.OmniglotCharacters([_folder.File("")], limits),
        ];
        Assert.All(
            doors, door => Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(door).Message, StringComparison.Ordinal));
    }

    private FormatException Refusal(string path, ImageLimits? limits = null) => Assert.Throws<FormatException>(
        () => _catalog.LoadImageFolders(path, _grey, minimumImagesPerClass: 1, limits).GetColumn<float[]>("Features").ToArray());

    private string Png(string path) => PngFile.Write(_folder.File(path), 4, (x, y) => new SKColor((byte)(60 * x), (byte)(60 * y), 9));

    private string Zip(params (string Name, byte[] Bytes)[] entries)
    {
        // What is short is kept as it is.
        var level = entries.Sum(e => e.Bytes.Length) < 1000 ? CompressionLevel.NoCompression : CompressionLevel.Optimal;
        var path = _folder.File("images.zip");
        using var archive = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, bytes) in entries)
        {
            using var stream = archive.CreateEntry(name, level).Open();
            stream.Write(bytes);
        }

        return path;
    }

    /// <summary>Two by two pixels.</summary>
    private static byte[] Bitmap()
    {
        var bytes = new byte[54 + (2 * 8)];
        "BM"u8.CopyTo(bytes);
        (int At, int Value)[] header = [(2, bytes.Length), (10, 54), (14, 40), (18, 2), (22, 2), (26, 1 + (24 << 16)), (34, 16)];
        foreach (var (at, value) in header)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        }

        bytes.AsSpan(54).Fill(99);
        return bytes;
    }

    /// <summary>The same PNG file with another size in its header, whose checksum is right.</summary>
    private static byte[] WithSize(byte[] png, int height, int width)
    {
        // 8 bytes of signature, 4 of length, then what the checksum is of: 4 of type, 4 of width, 4 of height and 5 more.
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), ImageBytes.Crc32(png.AsSpan(12, 17)));
        return png;
    }
}
