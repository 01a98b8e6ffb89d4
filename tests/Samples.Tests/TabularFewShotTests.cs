using System.Globalization;
using System.Text;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

public sealed class TabularFewShotTests : IDisposable
{
    private static readonly SampleProgram _tabular = new("TabularFewShot");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public async Task Run_AnySeparator_ComparesAllMethods(char separator)
    {
        var output = Path.Combine(_folder.Path, "output");

        var run = await _tabular.Run(
            "--data", Csv(separator), "--label", "kind", "--ignore", "id", "--ways", "2", "--shots", "1,2", "--train-classes", "4",
            "--steps", "20", "--episodes", "4", "--tuning-episodes", "1", "--output", output);

        run.Succeeded();
        Assert.Contains("70 rows of 3 features", run.Output, StringComparison.Ordinal);
        foreach (
            var row in new[]
            {
                "Same network from scratch", "Nearest neighbour", "ML.NET LbfgsMaximumEntropy", "ML.NET NaiveBayes",
                "MLNetMeta complex synapse", "MLNetMeta dual system",
            })
        {
            Assert.Contains(row, run.Output, StringComparison.Ordinal);
        }

        Assert.Equal(4, Directory.GetFiles(output, "*.onnx").Length);
        Assert.Contains(
            File.ReadLines(Path.Combine(output, "results.csv")),
            line => line.StartsWith("\"MLNetMeta dual system\",2 rows each,Accuracy,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_Checkpoint_ResumesWhereItEnded()
    {
        string[] arguments =
        [
            "--data", Csv(), "--label", "kind", "--ignore", "id", "--ways", "2", "--shots", "1", "--steps", "20", "--learner", "synapse",
            "--episodes", "4",
            "--tuning-episodes", "1", "--checkpoint", Path.Combine(_folder.Path, "state"), "--output", Path.Combine(_folder.Path, "output"),
        ];
        var first = await _tabular.Run(arguments);
        first.Succeeded();
        Assert.Contains("step 10 of 20", first.Output, StringComparison.Ordinal);
        var written = Written();

        var second = await _tabular.Run(arguments);

        second.Succeeded();
        // The reports are given again, the training is not: its checkpoint stays as it was.
        Assert.NotEmpty(written);
        Assert.Equal(written, Written());
        Assert.Equal(Row(first, "MLNetMeta complex synapse"), Row(second, "MLNetMeta complex synapse"));

        DateTime[] Written() => [.. Directory.GetFiles(_folder.Path, "state*").Order().Select(File.GetLastWriteTimeUtc)];
    }

    [Fact]
    public async Task Run_Auto_SearchesOneLearnerForAllNumbersOfRowsAndSaysWhatItGains()
    {
        var output = Path.Combine(_folder.Path, "output");
        var run = await _tabular.Run(
            "--data", Csv(kinds: 9), "--label", "kind", "--ignore", "id", "--ways", "2", "--shots", "1,2", "--train-classes", "6",
            "--learner", "auto", "--auto-minutes", "0.001", "--episodes", "4", "--tuning-episodes", "1", "--output", output);
        run.Succeeded();
        Assert.Contains("complex synapse, 64-64 units", run.Output, StringComparison.Ordinal);
        Assert.Contains("classes that no choice was made on", run.Output, StringComparison.Ordinal);
        Assert.Contains("MLNetMeta Auto", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(output, "auto.onnx")));
    }

    [Fact]
    public async Task Run_Help_DescribesOptions()
    {
        var run = await _tabular.Run("--help");

        run.Succeeded();
        Assert.Contains("--train-classes", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoData_AsksForIt() => (await _tabular.Run("--label", "kind")).Failed("--data");

    [Fact]
    public async Task Run_MissingFile_NamesIt() =>
        (await _tabular.Run("--data", "nowhere.csv", "--label", "kind")).Failed("There is no file", "nowhere.csv");

    [Fact]
    public async Task Run_MissingColumn_NamesItAndTheOthers() =>
        (await _tabular.Run("--data", Csv(), "--label", "sort")).Failed("has no column 'sort'", "id, kind, width, height, weight");

    [Fact]
    public async Task Run_NoHeader_SaysWhatTheFirstLineMustBe() =>
        (await _tabular.Run("--data", Write("1,2,3\n4,5,6\n"), "--label", "kind")).Failed("must name at least two columns", "1,2,3");

    [Fact]
    public async Task Run_EmptyFile_SaysSo() => (await _tabular.Run("--data", Write(""), "--label", "kind")).Failed("is empty");

    [Fact]
    public async Task Run_HeaderOnly_SaysThereAreNoRows() =>
        (await _tabular.Run("--data", Write("kind,width\n"), "--label", "kind")).Failed("has no rows below its header");

    /// <summary>What could be read in two ways is refused, with the line and the column, and never read as something else.</summary>
    [Theory]
    [InlineData("kind,width\na,1\nb,wide\n", "Line 3", "'wide'", "'width'", "--ignore")]
    [InlineData("kind,width,height\na,1,2\nb,,3\n", "Line 3", "''", "'width'")]
    [InlineData("kind,width\na,1\nb,1e999\n", "Line 3", "'1e999'", "'width'", "not a finite number")]
    [InlineData("kind,width\na,NaN\n", "Line 2", "'NaN'", "'width'", "not a finite number")]
    [InlineData("kind;width\na;7,5\n", "Line 2", "'7,5'", "'width'")]
    [InlineData("kind,width\na,1\nb,7,5\n", "Line 3", "has 3 cells, but the header has 2", "decimals with a point")]
    [InlineData("kind,width,height\na,1\n", "Line 2", "has 2 cells, but the header has 3")]
    [InlineData("kind,width\na,1\n// b,2\n//,3\nc,wide\n", "Line 5", "'wide'")]
    [InlineData("kind,width\na,1\n,2\n", "Line 3", "has no class", "'kind'")]
    [InlineData("kind,width\na,1\n\" \",2\n", "Line 3", "has no class", "'kind'")]
    [InlineData("kind,kind,width\na,b,1\n", "has 2 columns 'kind'")]
    [InlineData("kind,width\n3\" pipe,1\n4\" pipe,2\n", "Line 2", "column 'kind'", "quotes must enclose the whole cell")]
    [InlineData("kind,width\na,1\n\"b,2\n", "Line 3", "has 1 cells, but the header has 2")]
    [InlineData("kind,width\n\"a\nb\",1\nc,wide\n", "Line 4", "'wide'")]
    [InlineData("\n\n", "is empty")]
    public async Task Run_DoubtfulCsv_NamesLineAndColumn(string csv, params string[] messageParts) =>
        (await _tabular.Run("--data", Write(csv), "--label", "kind")).Failed(messageParts);

    [Theory]
    [InlineData("latin1")]
    [InlineData("utf-16")]
    public async Task Run_OtherEncoding_SaysWhatToDo(string encoding)
    {
        var path = Path.Combine(_folder.Path, "encoded.csv");
        await File.WriteAllTextAsync(path, "kind,width\nmüde,1\n", Encoding.GetEncoding(encoding));

        (await _tabular.Run("--data", path, "--label", "kind")).Failed("is not UTF-8 text", "Save it as UTF-8");
    }

    [Theory]
    [InlineData("kind,width\na,{0}\n", "Line 2", "'width'")]
    [InlineData("kind,width\na,1\n{0}\n", "Line 3", "has 1 cells")]
    [InlineData("kind,{0}\na,wide\n", "Line 2", "'wide'")]
    [InlineData("{0},width\na,1\n", "has no column 'kind'")]
    [InlineData("kind,width\n{0},1\nb,1\nc,1\nd,1\n", "at least one to test need 6")]
    [InlineData("kind,width\n{0}\"{0}{0}{0}{0}{0}{0}{0}{0},1\n", "more than 16 million characters")]
    public async Task Run_HugeCell_IsNotPrintedInFull(string csv, params string[] messageParts)
    {
        var huge = new string('x', 2_000_000);

        var run = await _tabular.Run(
            "--data", Write(csv.Replace("{0}", huge, StringComparison.Ordinal)), "--label", "kind", "--ways", "2", "--train-classes", "2");

        run.Failed(messageParts);
        Assert.InRange(run.Error.Length, 1, 2000);
    }

    [Fact]
    public async Task Run_QuotedCells_MayHoldSeparatorsQuotesAndNewlines()
    {
        var plain = await File.ReadAllTextAsync(Csv());
        var quoted = Write('\uFEFF' + plain.Replace("\"kind 1\"", "\"kind \"\"1\"\",\nof two lines\"", StringComparison.Ordinal));

        var run = await _tabular.Run("--data", quoted, "--label", "kind", "--ignore", "id", "--ways", "4");

        run.Failed("has 7 classes");
    }

    [Fact]
    public async Task Run_DamagedCheckpoint_IsNamed()
    {
        var checkpoint = Path.Combine(_folder.Path, "state-synapse-1-shot");
        await File.WriteAllTextAsync(checkpoint, "no checkpoint");

        var run = await _tabular.Run(
            "--data", Csv(), "--label", "kind", "--ignore", "id", "--ways", "2", "--shots", "1", "--steps", "20", "--learner", "synapse",
            "--checkpoint", Path.Combine(_folder.Path, "state"), "--output", Path.Combine(_folder.Path, "output"));

        run.Failed(checkpoint, "is damaged");
    }

    [Fact]
    public async Task Run_TooFewClasses_SaysHowManyAreNeeded() =>
        (await _tabular.Run("--data", Csv(), "--label", "kind", "--ignore", "id", "--ways", "4")).Failed("has 7 classes", "Lower --ways");

    [Fact]
    public async Task Run_TooFewRowsOfAClass_NamesTheClass() =>
        (
            await _tabular.Run(
                "--data", Csv(), "--label", "kind", "--ignore", "id", "--ways", "2", "--shots",
                "10")).Failed("has 10 rows", "Lower --shots");

    [Theory]
    [InlineData("--shots", "1,none")]
    [InlineData("--shots", "0")]
    [InlineData("--ways", "1")]
    [InlineData("--steps", "-1")]
    [InlineData("--learner", "triple")]
    [InlineData("--auto-minutes", "0")]
    public async Task Run_BadOption_NamesIt(string option, string value) =>
        (await _tabular.Run("--data", Csv(), "--label", "kind", option, value)).Failed(value == "triple" ? "triple" : option);

    /// <summary>Seven classes of ten rows, each class around its own width, height and weight; the column id is text.</summary>
    private string Csv(char separator = ',', int kinds = 7)
    {
        var random = new Random(1);
        var lines = from kind in Enumerable.Range(0, kinds)
                    from row in Enumerable.Range(0, 10)
                    let cells = new[] { kind % 3, kind % 2 * 3, kind }.Select(
                        mean => (mean + (0.3 * random.NextDouble())).ToString("F3", CultureInfo.InvariantCulture))
                    select string.Join(separator, [$"row-{kind}-{row}", $"\"kind {kind}\"", .. cells]);
        return Write(string.Join('\n', lines.Prepend(string.Join(separator, "id", "kind", "width", "height", "weight"))) + "\n");
    }

    private string Write(string text)
    {
        var path = Path.Combine(_folder.Path, $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(path, text);
        return path;
    }

    private static string Row(SampleRun run, string method) =>
        run.Output.Split('\n').Single(line => line.StartsWith($"| {method}", StringComparison.Ordinal));
}
