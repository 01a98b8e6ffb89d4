using System.Globalization;
using System.Text.RegularExpressions;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

public sealed partial class CustomLearnerTests
{
    private static readonly SampleProgram _customLearner = new("CustomLearner");

    [Fact]
    public async Task Run_FewSteps_TrainsBothLearnersAndExports()
    {
        using var folder = new TemporaryFolder();

        var run = await _customLearner.Run(folder.Path, "60");

        run.Succeeded();
        foreach (var name in (string[])["low-rank adapters", "complex synapse"])
        {
            Assert.Contains($"{name}: MeanSquaredError ", run.Output, StringComparison.Ordinal);
            Assert.True(File.Exists(folder.File($"{name.Replace(' ', '-')}.onnx")));
        }

        // Both learn: the loss of the last validation is below that before meta-training.
        double[] losses =
        [
            .. Loss().Matches(run.Output).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
        ];
        Assert.Equal(14, losses.Length);
        Assert.True(losses[6] < losses[0] && losses[13] < losses[7], run.Output);
        Assert.True(File.Exists(folder.File("adapted.onnx")));
    }

    [Fact]
    public async Task Run_NoNumber_SaysWhatIsAllowed() =>
        (await _customLearner.Run("output", "many")).Failed("META-STEPS must be a whole number of at least 1, got 'many'");

    [GeneratedRegex(@"validation loss ([\d.E+-]+)")]
    private static partial Regex Loss();
}
