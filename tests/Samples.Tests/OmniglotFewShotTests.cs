using System.Diagnostics;
using System.IO.Compression;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

public sealed class OmniglotFewShotTests : IDisposable
{
    private static readonly SampleProgram _omniglot = new("OmniglotFewShot");

    private static readonly string[] _tiny = Tiny();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("head")]
    [InlineData("synapse")]
    [InlineData("dual")]
    public async Task Run_WithoutData_MeasuresDrawsAndExports(string learner)
    {
        var run = await _omniglot.Run([.. _tiny, "--learner", learner, "--output", Output]);

        run.Succeeded();
        Assert.Contains("Invented characters: 200 to meta-train on, 100 others to test on", run.Output, StringComparison.Ordinal);
        Assert.Contains("of 25 other drawings of them recognised", run.Output, StringComparison.Ordinal);
        string[] columns = ["5-way 1-shot", "5-way 5-shot", "3-way 1-shot", "10-way 1-shot", "20-way 1-shot"];
        string[] methods = ["Nearest neighbour, pixels", "Nearest class mean, pixels", $"MLNetMeta {learner}"];
        Assert.Equal(
            from method in methods from column in columns select $"\"{method}\",{column},Accuracy",
            File.ReadLines(Path.Combine(Output, "results.csv")).Skip(1).Select(line => string.Join(',', line.Split(',')[..^3])));
        // The checkpoint of a finished run is gone.
        Assert.Equal(
            ["five-characters.onnx", "five-characters.zip", "history.csv", "learner.onnx", "predictions.png", "results.csv"],
            Directory.GetFiles(Output).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(Path.Combine(Output, "predictions.png"))[..4]);
    }

    [Fact]
    public async Task Run_OfAFolderOfArchives_SplitsItsCharacters()
    {
        Characters("images_background", 12);
        Characters("images_evaluation", 15);
        foreach (var part in (string[])["images_background", "images_evaluation"])
        {
            ZipFile.CreateFromDirectory(
                _folder.File($"data/{part}"), _folder.File($"data/{part}.zip"), CompressionLevel.NoCompression, includeBaseDirectory: true);
            Directory.Delete(_folder.File($"data/{part}"), recursive: true);
        }

        var run = await _omniglot.Run(
            [_folder.File("data"), .. Tiny(ways: 4), "--train-characters", "6", "--shots", "5", "--output", Output]);

        run.Succeeded();
        Assert.Contains(
            "27 characters: 6 and their quarter turns to meta-train on, 21 others to test on, 10 × 10 pixels", run.Output,
            StringComparison.Ordinal);
        Assert.Contains("head, 4-way 5-shot: step 10 of 10", run.Output, StringComparison.Ordinal);
    }

    public static TheoryData<bool> Ends => SampleProgram.HearsInterrupts ? [false, true] : [false];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Run_CutOffAndResumed_GivesTheLearnerOfAnUninterruptedRun(bool gently)
    {
        // Long enough that the signal comes before the end, on a busy machine too.
        var arguments = Tiny(steps: 200);
        var uninterrupted = await _omniglot.Run([.. arguments, "--output", _folder.File("whole")]);
        uninterrupted.Succeeded();

        var cutOff = await _omniglot.Run(
            line => line.Contains("step 20 of 200", StringComparison.Ordinal), process => End(process, gently),
            [.. arguments, "--checkpoint-minutes", "1e-6", "--output", Output]);
        Assert.NotEqual(0, cutOff.ExitCode);
        Assert.False(File.Exists(Path.Combine(Output, "learner.onnx")));
        if (gently)
        {
            Assert.Equal(130, cutOff.ExitCode);
            Assert.Contains("Interrupted. Run the same command with --resume to continue.", cutOff.Error, StringComparison.Ordinal);
        }

        (await _omniglot.Run([.. arguments, "--output", Output])).Failed("is from an interrupted run", "--resume");
        (await _omniglot.Run([.. Tiny(steps: 200, tasks: 3), "--output", Output, "--resume"])).Failed(
            "was written with other options", "2 tasks", "3 tasks");

        var resumed = await _omniglot.Run([.. arguments, "--output", Output, "--resume"]);
        resumed.Succeeded();
        // Checkpoints follow each other without a pause here, so that at most one meta-step beside those is lost.
        var step = int.Parse(
            resumed.Output.Split('\n').Single(line => line.StartsWith("Resumed", StringComparison.Ordinal)).Trim().Split(' ')[^1], null);
        Assert.InRange(step, 19, 199);
        Assert.Equal(File.ReadAllBytes(_folder.File("whole/learner.onnx")), File.ReadAllBytes(Path.Combine(Output, "learner.onnx")));
        Assert.Equal(File.ReadAllText(_folder.File("whole/results.csv")), File.ReadAllText(Path.Combine(Output, "results.csv")));
    }

    [Fact]
    public async Task Run_ResumeWithoutACheckpoint_StartsFromTheBeginning()
    {
        var run = await _omniglot.Run([.. _tiny, "--resume", "--output", Output]);

        run.Succeeded();
        Assert.Contains("There is nothing to resume", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ResumeOfADamagedCheckpoint_SaysSo()
    {
        Directory.CreateDirectory(Output);
        File.WriteAllText(Path.Combine(Output, "meta-training.checkpoint"), "hello\nworld");
        (await _omniglot.Run([.. _tiny, "--resume", "--output", Output])).Failed(
            "is damaged or not a checkpoint", "Delete it to start anew");
    }

    [Fact]
    public async Task Run_DataThatIsNotThere_NamesIt() =>
        (await _omniglot.Run("nowhere", "--output", Output)).Failed("There is no folder or file 'nowhere'");

    [Fact]
    public async Task Run_EmptyFolder_SaysWhatIsExpected()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        (await _omniglot.Run(_folder.File("empty"), "--output", Output)).Failed("empty' contain no images", "Alphabet/characterNN");
    }

    [Fact]
    public async Task Run_ZipThatIsNone_NamesIt()
    {
        File.WriteAllText(_folder.File("fake.zip"), "no archive");
        (await _omniglot.Run(_folder.File("fake.zip"), "--output", Output)).Failed("fake.zip' is not a zip archive");
    }

    [Fact]
    public async Task Run_UnreadableImage_NamesIt()
    {
        Characters("images", 27);
        File.WriteAllText(_folder.File("data/images/Latin/character05/3.bmp"), "no image");
        (await _omniglot.Run([_folder.File("data"), .. _tiny, "--train-characters", "6", "--output", Output])).Failed(
            "character05/3.bmp' cannot be decoded");
    }

    [Fact]
    public async Task Run_CharacterWithTooFewDrawings_NamesIt()
    {
        Characters("images", 27);
        foreach (var file in Directory.GetFiles(_folder.File("data/images/Latin/character05")).Skip(2))
        {
            File.Delete(file);
        }

        (await _omniglot.Run([_folder.File("data"), .. _tiny, "--train-characters", "6", "--output", Output]))
            .Failed("character05' has 2 drawings: at least 6 are needed");
    }

    [Fact]
    public async Task Run_TooFewCharacters_SaysHowManyAreNeeded()
    {
        Characters("images", 21);
        (await _omniglot.Run([_folder.File("data"), .. _tiny, "--output", Output])).Failed(
            "There are 21 characters: 1200 to meta-train on leave 0", "give more data");
        (await _omniglot.Run([_folder.File("data"), .. _tiny, "--train-characters", "6", "--output", Output])).Failed(
            "6 to meta-train on leave 15 to test on, and 20-way tasks need 20");
    }

    [Theory]
    [InlineData("--ways must be at least 2.", "--ways", "1")]
    [InlineData("--steps must be at least 1.", "--steps", "0")]
    [InlineData("--size must be at least 4.", "--size", "3")]
    [InlineData("--filters is '8,none'", "--filters", "8,none")]
    [InlineData("--episodes must be at least 2.", "--episodes", "1")]
    [InlineData("--checkpoint-minutes must be from 1e-6 to 1440", "--checkpoint-minutes", "0")]
    [InlineData("triple", "--learner", "triple")]
    public async Task Run_BadOption_SaysWhatIsAllowed(string message, params string[] arguments) =>
        (await _omniglot.Run(arguments)).Failed(message);

    /// <summary>Seconds instead of minutes.</summary>
    private static string[] Tiny(int steps = 10, int tasks = 2, int ways = 5) =>
        [
            "--ways", $"{ways}", "--steps", $"{steps}", "--tasks", $"{tasks}", "--size", "10", "--filters", "6,6", "--episodes", "4",
            "--threads", "1",
        ];

    private string Output => _folder.File("output");

    /// <summary>Six drawings of each character: black marks of the character's own on white, moved a little.</summary>
    private void Characters(string part, int count)
    {
        const int side = 20;
        for (var c = 1; c <= count; c++)
        {
            var random = new Random(c);
            var marks = Enumerable.Range(0, 4).Select(_ => (X: random.Next(2, side - 4), Y: random.Next(2, side - 4))).ToArray();
            for (var i = 0; i < 6; i++)
            {
                var (dx, dy) = (random.Next(-1, 2), random.Next(-1, 2));
                BitmapFile.Write(_folder.File($"data/{part}/Latin/character{c:D2}/{i}.bmp"), side, (x, y) =>
                    marks.Any(m => Math.Abs(m.X + dx - x) < 3 && Math.Abs(m.Y + dy - y) < 3) ? (byte)0 : (byte)255);
            }
        }
    }

    private static void End(Process process, bool gently)
    {
        if (gently)
        {
            Process.Start("kill", ["-INT", $"{process.Id}"]).Dispose();
        }
        else
        {
            process.Kill();
        }
    }
}
