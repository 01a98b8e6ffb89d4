using System.Globalization;
using System.IO.Compression;
using MLNetMeta.RealTasks;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Reproduce.Tests.RealTasks;

/// <summary>The comparison as a user types it, on a generated file in the place of a real one.</summary>
[Collection(ConsoleTests.Name)]
public sealed class RealTasksCommandTests : IDisposable
{
    private const int People = 15, RowsOfPerson = 60;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Compare_Final_OpensTheTestTasksForOneNumberOfSplits()
    {
        WritePeople();
        Assert.Equal((0, ""), Compare("per-task ridge", "1"));
        Assert.Equal((0, ""), Compare("per-task ridge", "1", "--final"));

        // A method that comes later changes nothing of the others.
        Assert.Equal((0, ""), Compare("nearest neighbours", "1", "--final"));
        var (code, error) = Compare("per-task ridge", "2", "--final");
        Assert.Equal(1, code);
        Assert.Contains("The test set of parkinsons was opened before with other settings", error, StringComparison.Ordinal);
        Assert.Contains("\"2 splits\"", error, StringComparison.Ordinal);
        Assert.Equal((0, ""), Compare("per-task ridge", "2"));

        (int Code, string Error) Compare(string method, string splits, params string[] more) =>
            Run("parkinsons", ["--only", method, "--splits", splits, .. more]);
    }

    [Theory]
    [InlineData("There is no set 'nothing'; the sets are parkinsons, ", "nothing")]
    [InlineData("--only nothing matches no method; the methods are ", "parkinsons", "--only", "nothing")]
    [InlineData("parkinsons_updrs.csv.gz", "parkinsons")]
    public void Compare_WrongArguments_EndsWithOneAndSaysWhatIsWrong(string said, string set, params string[] arguments)
    {
        var (code, error) = Run(set, arguments);
        Assert.Equal(1, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void WritePeople()
    {
        var folder = Directory.CreateDirectory(_folder.File("tasks/parkinsons_telemonitoring"));
        using var file = new StreamWriter(
            new GZipStream(File.Create(Path.Combine(folder.FullName, "parkinsons_updrs.csv.gz")), CompressionLevel.Fastest));
        file.WriteLine("subject#,motor_UPDRS,total_UPDRS,jitter,shimmer");
        var random = new Random(1);
        for (var person = 0; person < People; person++)
        {
            var slope = random.NextDouble();
            for (var row = 0; row < RowsOfPerson; row++)
            {
                var (jitter, shimmer) = (random.NextDouble(), random.NextDouble());
                file.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{person},0,{person + (slope * jitter)},{jitter},{shimmer}"));
            }
        }
    }

    private (int Code, string Error) Run(string set, params string[] arguments) => ConsoleTests.Run(
        RealTasksCommand.Create(),
        ["compare", "--data", _folder.Path, "--sets", set, "--threads", "1", "--output", _folder.File("out"), .. arguments]);
}
