using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

public sealed class DataFramesTests
{
    private static readonly SampleProgram _dataFrames = new("DataFrames");

    [Fact]
    public async Task Run_FewSteps_WritesHistoryEpisodesAndPredictions()
    {
        using var folder = new TemporaryFolder();

        var run = await _dataFrames.Run(folder.Path, "20");

        run.Succeeded();
        Assert.Contains("MeanSquaredError", run.Output, StringComparison.Ordinal);
        Assert.Equal("Step,TrainingLoss,ValidationLoss", string.Join(',', Lines("history.csv")[0].Split(',')[..3]));
        Assert.Equal("Episode,Task,MeanSquaredError,MeanAbsoluteError,Coverage,IntervalWidth", Lines("episodes.csv")[0]);
        Assert.Equal(1 + 100, Lines("episodes.csv").Length);
        Assert.Equal("Temperature,Opening,Humidity,Score", Lines("predictions.csv")[0]);
        Assert.Equal(1 + 30, Lines("predictions.csv").Length);

        string[] Lines(string file) => File.ReadAllLines(folder.File(file));
    }

    [Fact]
    public async Task Run_NoNumber_SaysWhatIsAllowed() =>
        (await _dataFrames.Run("output", "many")).Failed("META-STEPS must be a whole number of at least 1, got 'many'");
}
