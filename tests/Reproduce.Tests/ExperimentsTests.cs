using System.Buffers.Binary;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

/// <summary>The commands as a user types them, on small generated data.</summary>
[Collection(ConsoleTests.Name)]
public sealed class ExperimentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void MetaOptimization_QuickOnATable_WritesTableAndPlotAndIsResumed()
    {
        WriteBlobs();
        string[] arguments =
        [
            "meta-optimization", "--csv", _folder.File("blobs.csv"), "--target", "class", "--rows", "30", "--quick", "--threads", "1",
            "--final", "--output", _folder.File("out"),
        ];
        Succeeds(arguments);
        var folder = Path.Combine(_folder.File("out"), "meta-optimization");
        var table = File.ReadAllText(Path.Combine(folder, "meta-optimization-blobs.md"));
        Assert.All(
            ["contrastive", "contrastive, symmetric", "conjugate gradient", "Neumann series", "T1-T2", "truncated unrolling"],
            rule => Assert.Contains($"| {rule} | ", table, StringComparison.Ordinal));
        Assert.Contains(
            "-- meta-optimization --csv blobs.csv --target class --rows 30 --quick --threads 1 --final`", table, StringComparison.Ordinal);
        Assert.Contains(Table.QuickNotice, table, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "meta-optimization-blobs.png")));
        Assert.Equal(8, File.ReadAllLines(Path.Combine(folder, "meta-optimization-blobs.csv")).Length);

        // Finished results are taken up: one that is changed on disk changes the table.
        var result = Directory.GetFiles(folder, "*contrastive-test*.json").Single();
        File.WriteAllText(result, File.ReadAllText(result).Replace("\"Test\": ", "\"Test\": 4", StringComparison.Ordinal));
        Succeeds(arguments);
        Assert.NotEqual(table, File.ReadAllText(Path.Combine(folder, "meta-optimization-blobs.md")));

        // The test rows were opened for other settings, and for all rules.
        Assert.Equal(1, Run([.. arguments, "--only", "symmetric"]).Code);
        var (code, message) = Run([.. arguments, "--only", "unknown"]);
        Assert.Equal(1, code);
        Assert.Contains("--only unknown matches no rule; the rules are initial λ", message, StringComparison.Ordinal);
        Assert.Equal(1, Run([.. arguments, "--outer-rate", "0.3"]).Code);
    }

    [Fact]
    public void MetaOptimization_WithoutFinal_MeasuresNoTestRow()
    {
        WriteBlobs();
        Succeeds(
            "meta-optimization", "--csv", _folder.File("blobs.csv"), "--target", "class", "--rows", "30", "--quick", "--threads", "1",
            "--outer-rate", "0.3", "--batch", "20", "--output", _folder.File("out"));
        var folder = Path.Combine(_folder.File("out"), "meta-optimization");
        var table = File.ReadAllText(Path.Combine(folder, "meta-optimization-blobs-validation.md"));
        Assert.Contains("| method | train | validation |\n", table.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("30 training and 30 validation rows of 3 classes", table, StringComparison.Ordinal);
        Assert.Contains("mini-batches of at most 20. 2 outer steps of Adam (0.3)", table, StringComparison.Ordinal);
        Assert.DoesNotContain("test rows", table, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "meta-optimization-blobs-validation.png")));
        Assert.False(File.Exists(Path.Combine(folder, "meta-optimization-blobs.md")));
        Assert.Empty(Directory.GetFiles(folder, "*opened*"));
        Assert.All(
            Directory.GetFiles(folder, "*.json"),
            file => Assert.Contains("\"Test\": null", File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public void Bandit_Quick_PlaysAllAgentsAtAllRadii()
    {
        Succeeds("bandit", "--quick", "--threads", "1", "--output", _folder.File("out"));
        var folder = Path.Combine(_folder.File("out"), "bandit");
        var table = File.ReadAllText(Path.Combine(folder, "bandit.md"));
        Assert.All(
            ["uniform", "linear Thompson sampling", "NeuralLinear", "MAML", "contrastive, complex synapse", "contrastive, dual system"],
            agent => Assert.Contains($"| {agent} | ", table, StringComparison.Ordinal));
        Assert.Contains("| agent | δ = 0.5 | δ = 0.7 | δ = 0.9 | δ = 0.95 | δ = 0.99 |", table, StringComparison.Ordinal);
        Assert.Equal(5, Directory.GetFiles(folder, "*.png").Length);
    }

    [Fact]
    public void Spiking_Quick_ComparesMethodsAndDrawsSpikes()
    {
        string[] arguments =
        [
            "spiking", "--tune", "--quick", "--only", "contrastive, e-prop", "truncated unrolling, e-prop", "--threads", "1", "--output",
            _folder.File("out"),
        ];
        Succeeds(arguments);
        var folder = Path.Combine(_folder.File("out"), "spiking");
        var table = File.ReadAllText(Path.Combine(folder, "spiking.md"));
        Assert.Contains("| contrastive, e-prop | ", table, StringComparison.Ordinal);
        Assert.Contains("| truncated unrolling, e-prop | ", table, StringComparison.Ordinal);
        Assert.Equal(13, File.ReadAllLines(Path.Combine(folder, "spiking-tuning.csv")).Length);
        Assert.All(["raster.png", "readout.png", "spiking.png"], plot => Assert.True(File.Exists(Path.Combine(folder, plot)), plot));

        // Finished trainings are taken up: nothing is trained a second time.
        Array.ForEach(Directory.GetFiles(folder, "*.checkpoint"), File.Delete);
        Succeeds(arguments);
        Assert.Empty(Directory.GetFiles(folder, "*.checkpoint"));
        Assert.Equal(table, File.ReadAllText(Path.Combine(folder, "spiking.md")));
    }

    [Fact]
    public void Spiking_NoMethodOfThatName_NamesThem() =>
        Assert.Equal(
            1, Experiments.Command().Parse(["spiking", "--only", "telepathy", "--threads", "1", "--output", _folder.File("out")]).Invoke());

    [Fact]
    public void Bandit_OfFewerPullsThanTheFirstTen_SaysSo() =>
        Assert.Equal(
            1, Experiments.Command().Parse(["bandit", "--pulls", "9", "--threads", "1", "--output", _folder.File("out")]).Invoke());

    [Fact]
    public void MetaOptimization_QuickOnCifarsFiles_TrainsLeNet()
    {
        var random = new Random(1);
        foreach (var name in Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin").Append("test_batch.bin"))
        {
            File.WriteAllBytes(
                _folder.File(name),
                [
                    .. Enumerable.Range(0, 40).SelectMany(
                        i => Enumerable.Range(0, CifarFile.Pixels).Select(_ => (byte)random.Next(256)).Prepend((byte)(i % 10))),
                ]);
        }

        Succeeds(
            "meta-optimization", "--cifar", _folder.Path, "--rows", "45", "--quick", "--threads", "1", "--output", _folder.File("out"));
        Assert.Contains(
            "LeNet", File.ReadAllText(Path.Combine(_folder.File("out"), "meta-optimization", "meta-optimization-CIFAR-10-validation.md")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void MetaOptimization_QuickOnMnistsFiles_TrainsThePapersNetwork()
    {
        foreach (var (set, rows) in new[] { ("train", 60), ("t10k", 10) })
        {
            File.WriteAllBytes(
                _folder.File($"{set}-images-idx3-ubyte"),
                [0, 0, 8, 3, .. Big(rows), .. Big(28), .. Big(28), .. Enumerable.Range(0, rows * 784).Select(i => (byte)(i % 251))]);
            File.WriteAllBytes(
                _folder.File($"{set}-labels-idx1-ubyte"),
                [0, 0, 8, 1, .. Big(rows), .. Enumerable.Range(0, rows).Select(i => (byte)(i % 2))]);
        }

        Succeeds("meta-optimization", "--mnist", _folder.Path, "--final", "--quick", "--threads", "1", "--output", _folder.File("out"));
        var table = File.ReadAllText(Path.Combine(_folder.File("out"), "meta-optimization", "meta-optimization-MNIST.md"));
        Assert.Contains(
            "30 training, 30 validation and 10 test rows of 2 classes; 784-256-256-256-256-256-10", table, StringComparison.Ordinal);

        static byte[] Big(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return bytes;
        }
    }

    [Theory]
    [InlineData("Give one of --csv FILE", "meta-optimization")]
    [InlineData("nowhere.csv", "meta-optimization", "--csv", "nowhere.csv")]
    [InlineData("Give one of --csv FILE", "meta-optimization", "--csv", "a.csv", "--mnist", "b")]
    [InlineData("--rows must be at least 1", "meta-optimization", "--mnist", "b", "--rows", "0")]
    [InlineData("--batch must be at least 1", "meta-optimization", "--mnist", "b", "--batch", "0")]
    [InlineData("--outer-rate must be above 0", "meta-optimization", "--mnist", "b", "--outer-rate", "0")]
    [InlineData("Give one of --omniglot FOLDER", "visual")]
    [InlineData("Give one of --omniglot FOLDER", "visual", "--omniglot", "a", "--cifar-fs", "b")]
    [InlineData("neither images_background.zip nor a folder", "visual", "--omniglot", "nowhere")]
    [InlineData("has no classes.csv", "visual", "--cifar-fs", "nowhere")]
    [InlineData(
        "--only neither matches no training; the trainings are last layers: complex synapse", "visual", "--omniglot", "nowhere", "--only",
        "neither")]
    [InlineData("--only neither matches no method; the methods are ", "spiking", "--only", "neither")]
    [InlineData("the methods are contrastive, complex synapse; ", "sinusoid", "--only", "no such method")]
    [InlineData("--seeds must be at least 1", "sinusoid", "--seeds", "0")]
    [InlineData("has no fragments", "report", "--fragments", "nowhere")]
    public void Command_WrongArguments_EndsWithOneAndSaysWhatIsWrong(string said, params string[] arguments)
    {
        var (code, error) = Run(arguments[0] == "report" ? arguments : [.. arguments, "--output", _folder.File("out")]);
        Assert.Equal(1, code);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_TakingTables_WritesTheDocument()
    {
        Directory.CreateDirectory(_folder.File("fragments"));
        File.WriteAllText(Path.Combine(_folder.File("fragments"), "10-t.md"), "");
        Directory.CreateDirectory(Path.Combine(_folder.File("out"), "experiment"));
        File.WriteAllText(Path.Combine(_folder.File("out"), "experiment", "t.md"), "## T\n");
        Succeeds(
            "report", "--fragments", _folder.File("fragments"), "--document", _folder.File("results.md"), "--take", _folder.File("out"));
        Assert.EndsWith("## T\n", File.ReadAllText(_folder.File("results.md")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A table of 90 rows of three classes.</summary>
    private void WriteBlobs()
    {
        var random = new Random(1);
        File.WriteAllLines(
            _folder.File("blobs.csv"),
            Enumerable.Range(0, 90).Select(
                i => FormattableString.Invariant($"{i % 3},{(i % 3) + random.NextDouble()},{random.NextDouble()}")).Prepend("class,x,y"));
    }

    private static void Succeeds(params string[] arguments)
    {
        var (code, error) = Run(arguments);
        Assert.True(code == 0, error);
    }

    /// <summary>Exit code and what was written to standard error; tests of this class run one after the other.</summary>
    private static (int Code, string Error) Run(params string[] arguments) => ConsoleTests.Run(Experiments.Command(), arguments);
}
