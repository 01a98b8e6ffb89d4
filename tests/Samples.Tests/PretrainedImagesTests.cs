using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

public sealed class PretrainedImagesTests
{
    private static readonly SampleProgram _pretrainedImages = new("PretrainedImages");

    [Fact]
    public async Task Run_InventedPictures_EmbedsOnceLearnsAndExports()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["--output", folder.Path, "--steps", "20", "--episodes", "10", "--classes", "15", "--per-class", "10"];

        var run = await _pretrainedImages.Run(arguments);

        run.Succeeded();
        Assert.Contains("train: 100 pictures of 10 classes embedded in ", run.Output, StringComparison.Ordinal);
        Assert.Contains("| MLNetMeta complex synapse ", run.Output, StringComparison.Ordinal);
        Assert.Contains("app: 5 of 5 new pictures right", run.Output, StringComparison.Ordinal);
        Assert.InRange(new FileInfo(folder.File("adapted.onnx")).Length, 40_000_000, 100_000_000);

        var again = await _pretrainedImages.Run(arguments);

        again.Succeeded();
        Assert.DoesNotContain("embedded in", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FolderWithoutClasses_SaysWhatIsNeeded()
    {
        using var folder = new TemporaryFolder();
        (await _pretrainedImages.Run("--images", folder.Path)).Failed("At least 15 are needed, ten to meta-train on");
        (await _pretrainedImages.Run("--strips", folder.Path)).Failed("It must list each class with its set: train, val or test");
    }
}
