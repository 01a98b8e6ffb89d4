using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

/// <summary>A server and apps as processes of their own, which are killed on the way.</summary>
public sealed class FleetLearningTests : IDisposable
{
    private static readonly SampleProgram _fleet = new("FleetLearning");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_WithProcessesKilled_LosesNothingThatWasAcknowledged()
    {
        var run = await _fleet.Run(
            "--steps", "50", "--apps", "2", "--rounds", "12", "--users", "2", "--kills", "3", "--output", _folder.Path);

        run.Succeeded();
        Assert.Equal(3, run.Output.Split("was killed and started again").Length - 1);
        Assert.Contains("tasks were acknowledged to the apps", run.Output, StringComparison.Ordinal);
        Assert.Contains("Improved by the fleet, 12 revisions", run.Output, StringComparison.Ordinal);
        foreach (var file in (string[])["fleet.png", "results.csv", "first.onnx", "improved.onnx"])
        {
            Assert.True(new FileInfo(Path.Combine(_folder.Path, file)).Length > 0, file);
        }
    }

    [Theory]
    [InlineData("--server", "nowhere")]
    [InlineData("--rows", "missing.csv")]
    public async Task App_WithAWrongArgument_SaysWhich(string option, string value)
    {
        string[] arguments = ["--server", "http://127.0.0.1:1", "--rows", "rows.csv", "--state", _folder.Path];
        arguments[Array.IndexOf(arguments, option) + 1] = value;

        var run = await new SampleProgram("FleetApp").Run(arguments);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(value, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WithoutALearner_SaysWhatItNeeds()
    {
        var run = await new SampleProgram("FleetServer").Run();

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("--learner", run.Error, StringComparison.Ordinal);
    }
}
