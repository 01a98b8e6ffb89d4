using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

public sealed class QuickStartTests
{
    private static readonly SampleProgram _quickStart = new("QuickStart");

    [Fact]
    public async Task Run_TinySettings_MeasuresSavesExportsAndAgrees()
    {
        using var folder = new TemporaryFolder();

        var run = await _quickStart.Run("--steps", "20", "--episodes", "4", "--output", folder.Path);

        run.Succeeded();
        foreach (
            var row in new[]
            {
                "Before adaptation", "Same network from scratch", "ML.NET FastTree", "MLNetMeta complex synapse", "MLNetMeta dual system",
            })
        {
            Assert.Contains(row, run.Output, StringComparison.Ordinal);
        }

        Assert.Contains("ml.Model.Load: 201 predictions equal the model's", run.Output, StringComparison.Ordinal);
        Assert.Contains("ONNX Runtime: 201 predictions equal the model's", run.Output, StringComparison.Ordinal);
        string[] written = [.. Directory.GetFiles(folder.Path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "gestures-adaptation.svg", "gestures-learner.onnx", "gestures-learning-curve.svg", "machines-adaptation.svg",
                "machines-learner.onnx", "machines-learning-curve.svg", "machines-report.html", "new-machine.onnx",
                "new-machine.zip",
            ],
            written);
    }

    [Fact]
    public async Task Run_Help_DescribesOptions()
    {
        var run = await _quickStart.Run("--help");

        run.Succeeded();
        Assert.Contains("--steps", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--steps must be at least 1.", "--steps", "0")]
    [InlineData("--episodes must be at least 2.", "--episodes", "1")]
    [InlineData("'--nonsense'", "--nonsense")]
    public async Task Run_BadOption_SaysWhatIsAllowed(string message, params string[] arguments) =>
        (await _quickStart.Run(arguments)).Failed(message);
}
