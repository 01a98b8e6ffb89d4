using System.IO.Compression;
using MLNetMeta.Testing;
using SkiaSharp;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

/// <summary>Test data are opened once, by a final run.</summary>
[Collection(ConsoleTests.Name)]
public sealed class SealedTestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_WithOtherSettings_IsRefusedAndNamesThem()
    {
        var setting = new Setting(Quick: true, Seed: 1, _folder.Path, Threads: 1, "command");
        SealedTest.Open(setting, "data", ["rate 0.1", "seeds 1 to 3"]);
        SealedTest.Open(setting, "data", ["rate 0.1", "seeds 1 to 3"]);

        var failure = Assert.Throws<InvalidOperationException>(() => SealedTest.Open(setting, "data", ["rate 0.2", "seeds 1 to 3"]));

        SealedTest.Open(setting, "other data", ["rate 0.2"]);
        Assert.Contains("The test set of data was opened before with other settings", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The new settings are \"rate 0.2\"", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\"seeds 1 to 3\"", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Choose settings on validation data, without --final", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Visual_OnOmniglot_MeasuresValidationCharactersUntilTheFinalRun()
    {
        WriteCharacters(1240);
        string[] arguments =
        [
            "visual", "--omniglot", _folder.Path, "--quick", "--threads", "1", "--only", "complex synapse, readout fast, each", "--output",
            _folder.File("out"),
        ];
        var results = Path.Combine(_folder.File("out"), "visual");

        Assert.Equal(0, Experiments.Command().Parse(arguments).Invoke());
        var table = File.ReadAllText(Path.Combine(results, "visual-Omniglot-validation.md"));
        Assert.Contains("accuracy on validation characters, %", table, StringComparison.Ordinal);
        Assert.Contains("in brackets over 2 trainings of other seeds", table, StringComparison.Ordinal);
        Assert.DoesNotContain("published", table, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(results, "visual-Omniglot.md")));
        Assert.Empty(Directory.GetFiles(results, "*opened*"));

        Assert.Equal(0, Experiments.Command().Parse([.. arguments, "--final"]).Invoke());
        Assert.Contains(
            "accuracy on unseen characters, %", File.ReadAllText(Path.Combine(results, "visual-Omniglot.md")), StringComparison.Ordinal);

        // Again with the same settings, and then with others.
        Assert.Equal(0, Experiments.Command().Parse([.. arguments, "--final"]).Invoke());
        Assert.Equal(1, Experiments.Command().Parse([.. arguments, "--final", "--meta-rate", "0.02"]).Invoke());
    }

    /// <summary>As many characters as the split needs, in two archives: four drawings are shared by all.</summary>
    private void WriteCharacters(int count)
    {
        byte[][] drawings = [.. Enumerable.Range(1, 4).Select(Drawing)];
        foreach (var (set, first, last) in new[] { ("images_background", 0, count / 2), ("images_evaluation", count / 2, count) })
        {
            using var archive = ZipFile.Open(_folder.File(set + ".zip"), ZipArchiveMode.Create);
            for (var character = first; character < last; character++)
            {
                for (var drawer = 0; drawer < 20; drawer++)
                {
                    using var entry = archive.CreateEntry(
                        $"{set}/Alphabet/character{character:0000}/{drawer:00}.png", CompressionLevel.NoCompression).Open();
                    entry.Write(drawings[(character + drawer) % drawings.Length]);
                }
            }
        }
    }

    private static byte[] Drawing(int step)
    {
        using var bitmap = new SKBitmap(28, 28, SKColorType.Gray8, SKAlphaType.Opaque);
        for (var i = 0; i < 28 * 28; i++)
        {
            bitmap.SetPixel(i % 28, i / 28, (i / step) % 3 == 0 ? SKColors.Black : SKColors.White);
        }

        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
