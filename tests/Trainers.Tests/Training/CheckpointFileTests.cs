using System.Text;
using System.Text.Json.Nodes;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Training;

/// <summary>No change of a checkpoint goes unnoticed.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private const int MetaSteps = 9;

    private const string Changed = "it was changed after it was written, or has another format.";

    private static readonly Dictionary<string, string> _owner = new() { ["learner"] = "tiny", ["seed"] = "1" };

    private readonly TemporaryFolder _folder = new();
    private readonly MetaTrainingState _state = State();

    public CheckpointFileTests()
    {
        // Not the first state, so that no field has the value that a missing one would be given.
        _state.Restore(
            step: 4, divergences: 1, plateaus: 1, validationsWithoutGain: 1, TimeSpan.FromSeconds(5), Theta(2), Theta(3), Theta(4),
                bestLoss: 0.25, bestErrors: [0.5f, 0.25f], startErrors: [0.75f, 0.5f],
            new StepsSinceReport(0.5, 1, 2, 3, 4, 0.01),
            [Report(0), Report(3)]);
        new CheckpointFile(Path, _owner, MetaSteps).Write(_state);
    }

    private string Path => _folder.File("run.checkpoint");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_OfAWrittenFile_GivesTheStateBack()
    {
        var read = State();
        new CheckpointFile(Path, _owner, MetaSteps).Read(read);
        Assert.Equal(
            (4, 1, 1, 1, TimeSpan.FromSeconds(5), 0.25, _state.Unreported),
            (read.Step, read.Divergences, read.Plateaus, read.ValidationsWithoutGain, read.Elapsed, read.BestLoss, read.Unreported));
        Assert.Equal(_state.History, read.History);
        Assert.Equal([_state.BestErrors, _state.StartErrors], [read.BestErrors, read.StartErrors]);
        Assert.Equal([_state.Theta, _state.Average!, _state.Best], [read.Theta, read.Average!, read.Best]);
        Assert.Equal(Numbers(_state), Numbers(read));

        static double[] Numbers(MetaTrainingState state) =>
            [.. state.Optimizer.State.SelectMany(v => v.Elements?.Select(x => (double)x) ?? [v.Number])];
    }

    [Fact]
    public void Read_IntoAStateThatHasBeenUsed_LeavesNothingOfIt()
    {
        var read = State();
        read.History.Add(Report(1));
        new CheckpointFile(Path, _owner, MetaSteps).Read(read);
        Assert.Equal(_state.History, read.History);
    }

    [Fact]
    public void Read_OfAFileWithAnyBitFlipped_IsRefused()
    {
        var bytes = File.ReadAllBytes(Path);
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertDamaged(bytes, Changed);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Read_OfAFileOfAnyOtherLength_IsRefused()
    {
        var bytes = File.ReadAllBytes(Path);
        for (var length = 0; length < bytes.Length; length++)
        {
            AssertDamaged(bytes[..length]);
        }

        AssertDamaged([.. bytes, 0]);
        AssertDamaged([.. bytes, (byte)'\n']);
        AssertDamaged([.. bytes, .. bytes]);
    }

    public static TheoryData<string> Fields =>
    [
        "BelongsTo", "Step", "Divergences", "Plateaus", "ValidationsWithoutGain", "Elapsed", "BestLoss",
        "BestErrors", "StartErrors", "Unreported", "Unreported.LossSum", "Unreported.Losses",
        "Unreported.GradientNorm", "Unreported.FreeResidual",
        "Unreported.NudgedResidual", "Unreported.LearningRate", "History", "History.0.Step", "History.0.TotalSteps",
        "History.0.TrainingLoss", "History.0.ValidationLoss", "History.0.ValidationAccuracy", "History.0.Gain",
        "History.0.GainInterval95",
        "History.0.BestValidationLoss", "History.0.GradientNorm", "History.0.FreeResidual", "History.0.NudgedResidual",
        "History.0.LearningRate", "History.0.Elapsed",
    ];

    [Theory]
    [MemberData(nameof(Fields))]
    public void Read_OfAHeaderWithoutAField_IsRefusedThoughTheChecksumIsRight(string field) => AssertDamaged(WithHeader(header =>
    {
        var (parent, name) = Find(header, field);
        Assert.True(parent.Remove(name), $"The header has no {field}.");
    }));

    [Theory]
    [InlineData("Extra")]
    [InlineData("Unreported.Extra")]
    [InlineData("History.0.Extra")]
    public void Read_OfAHeaderWithAnUnknownField_IsRefusedThoughTheChecksumIsRight(string field) => AssertDamaged(WithHeader(header =>
    {
        var (parent, name) = Find(header, field);
        parent[name] = 1;
    }));

    public static TheoryData<string, string, string> OutOfRange
    {
        get
        {
            const string duration = "is impossible", losses = "its losses or norms are impossible", errors = "its errors are impossible";
            var data = new TheoryData<string, string, string>
            {
                { "Step", "-1", "it is at meta-step -1 of 9" },
                { "Step", "10", "it is at meta-step 10 of 9" },
                { "Step", "1e300", "" },
                { "Divergences", "-1", "it has -1 divergences" },
                { "Divergences", "5", "it has 5 divergences" },
                { "Step, Divergences", "9, 6", "it has 6 divergences" },
                { "Plateaus", "-1", "it has -1 plateaus and 1 validations without gain" },
                { "Plateaus", "2", "it has 2 plateaus and 1 validations without gain" },
                { "ValidationsWithoutGain", "-1", "it has 1 plateaus and -1 validations without gain" },
                { "ValidationsWithoutGain", "2", "it has 1 plateaus and 2 validations without gain" },
                { "Elapsed", "\"-00:00:01\"", $"its duration -00:00:01 {duration}" },
                { "Elapsed", "\"36525.00:00:00\"", $"its duration 36525.00:00:00 {duration}" },
                { "Elapsed", "1e300", "" },
                { "BestLoss", "\"NaN\"", losses },
                { "BestLoss", "null", "" },
                { "BestErrors", "[-1, 0]", errors },
                { "BestErrors", "[0, \"NaN\"]", errors },
                { "BestErrors", "[1]", errors },
                { "StartErrors", "null", "" },
                { "StartErrors", "[0, -0.5]", errors },
                { "BelongsTo", "null", "" },
                { "Unreported", "null", "" },
                { "Unreported.Losses", "-1", losses },
                { "Unreported.Losses", "5", losses },
                { "Unreported.GradientNorm", "-1", losses },
                { "Unreported.FreeResidual", "-1", losses },
                { "Unreported.NudgedResidual", "-1", losses },
                { "Unreported.LearningRate", "\"Infinity\"", losses },
                { "Unreported.LearningRate", "-1", losses },
                { "History", "null", "" },
                { "History", "[]", "it has 1 plateaus" },
                { "History", "[null]", "it has 1 plateaus" },
                { "Plateaus, ValidationsWithoutGain, History", "0, 0, []", "its reports are missing" },
                { "Plateaus, ValidationsWithoutGain, History", "0, 0, [null]", "its report  is impossible" },
            };
            foreach (var (name, value) in ((string, string)[])[
                ("1.Step", "0"), ("1.Step", "5"), ("0.Step", "-1"), ("0.TotalSteps", "8"), ("0.Elapsed", "\"-00:00:01\""),
                ("0.GradientNorm", "-1"), ("0.FreeResidual", "-1"), ("0.NudgedResidual", "-1"), ("0.LearningRate", "-1")])
            {
                data.Add($"History.{name}", value, "its report MetaTrainingProgress { Step = ");
            }

            data.Add("History.0.Elapsed", "1e300", "");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Read_OfAHeaderWithAnImpossibleValue_IsRefusedThoughTheChecksumIsRight(string fields, string values, string reason) =>
        AssertDamaged(WithValues(fields, values), reason);

    [Theory]
    [InlineData("Step, Divergences", "9, 5")]
    [InlineData("Divergences", "4")]
    [InlineData("Divergences", "0")]
    [InlineData("Plateaus, ValidationsWithoutGain", "0, 2")]
    [InlineData("Elapsed", "\"00:00:00\"")]
    [InlineData("BestErrors, StartErrors", "[0, 1], [0, 0]")]
    [InlineData("BestErrors", "[]")]
    [InlineData("StartErrors", "[]")]
    [InlineData("BestLoss", "\"Infinity\"")]
    [InlineData("Unreported.Losses", "4")]
    [InlineData("Unreported.Losses, Unreported.GradientNorm", "0, null")]
    [InlineData("Unreported.GradientNorm, Unreported.FreeResidual, Unreported.NudgedResidual", "\"NaN\", 0, null")]
    [InlineData("Unreported.LearningRate", "0")]
    [InlineData("History.1.Step", "4")]
    [InlineData("History.1.Step", "1")]
    [InlineData("History.0.GradientNorm", "\"NaN\"")]
    public void Read_OfAHeaderAtTheEdgeOfWhatIsPossible_IsRead(string fields, string values)
    {
        File.WriteAllBytes(Path, WithValues(fields, values));
        var read = State();
        new CheckpointFile(Path, _owner, MetaSteps).Read(read);
        Assert.Equal(_state.Theta, read.Theta);
    }

    [Fact]
    public void Read_OfAHeaderThatIsNone_IsRefused()
    {
        var content = Content();
        AssertDamaged(WithFirstLine([.. "null"u8, .. content[Array.IndexOf(content, (byte)'\n')..]]), "it has no header.");
    }

    [Fact]
    public void Read_OfAFieldGivenTwice_IsRefused()
    {
        var content = Content();
        AssertDamaged(WithFirstLine([.. "{\"Step\":4,"u8, .. content[1..]]));
    }

    [Fact]
    public void Read_OfATrainingThatHasNotBegun_NeedsNoReports()
    {
        new CheckpointFile(Path, _owner, MetaSteps).Write(State());
        var read = State();
        new CheckpointFile(Path, _owner, MetaSteps).Read(read);
        Assert.Equal((0, double.PositiveInfinity), (read.Step, read.BestLoss));
        Assert.Empty(read.History);
    }

    [Fact]
    public void Owner_OfAFile_IsWhatItBelongsTo()
    {
        Assert.Equal("tiny", CheckpointFile.Owner(Path, "learner"));
        Assert.Null(CheckpointFile.Owner(Path, "another"));
        File.WriteAllBytes(Path, [1, 2, 3]);
        var refusal = Assert.Throws<FormatException>(() => CheckpointFile.Owner(Path, "learner"));
        Assert.Contains($"The checkpoint '{Path}' is damaged or not a checkpoint", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfMoreOrFewerParameters_IsRefusedThoughTheChecksumIsRight()
    {
        var content = Content();
        AssertDamaged(WithFirstLine(content[..^8]), "it has another number of parameters.");
        AssertDamaged(WithFirstLine([.. content, .. new byte[8]]), "it has another number of parameters.");
    }

    [Fact]
    public void Read_OfAnotherOwner_IsRefusedNamingAllThatDiffers()
    {
        var state = State();
        var refusal = Assert.Throws<InvalidOperationException>(
            () => new CheckpointFile(Path, new Dictionary<string, string> { ["seed"] = "2", ["rule"] = "new" }, MetaSteps).Read(state));
        Assert.Contains(
            "seed: 1 there, 2 here; rule: none there, new here; learner: tiny there, none here", refusal.Message, StringComparison.Ordinal);
    }

    private void AssertDamaged(byte[] bytes, string reason = "")
    {
        File.WriteAllBytes(Path, bytes);
        var state = State();
        var refusal = Assert.Throws<FormatException>(() => new CheckpointFile(Path, _owner, MetaSteps).Read(state));
        Assert.Contains($"The checkpoint '{Path}' is damaged or not a checkpoint: {reason}", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>The file with other values in some fields of its header; both are lists, separated by a comma and a space.</summary>
    private byte[] WithValues(string fields, string values) => WithHeader(header =>
    {
        var names = fields.Split(", ");
        var nodes = names.Length == 1 ? [JsonNode.Parse(values)] : JsonNode.Parse($"[{values}]")!.AsArray().Select(v => v?.DeepClone());
        foreach (var (field, node) in names.Zip(nodes))
        {
            var (parent, name) = Find(header, field);
            Assert.True(parent.ContainsKey(name), $"The header has no {field}.");
            parent[name] = node;
        }
    });

    /// <summary>The file with another header, and the checksum that belongs to it.</summary>
    private byte[] WithHeader(Action<JsonObject> change)
    {
        var content = Content();
        var end = Array.IndexOf(content, (byte)'\n');
        var header = JsonNode.Parse(content.AsSpan(0, end))!.AsObject();
        change(header);
        return WithFirstLine([.. Encoding.UTF8.GetBytes(header.ToJsonString()), .. content[end..]]);
    }

    private byte[] Content()
    {
        var bytes = File.ReadAllBytes(Path);
        return bytes[(Array.IndexOf(bytes, (byte)'\n') + 1)..];
    }

    private static byte[] WithFirstLine(byte[] content) => [.. CheckpointFile.FirstLine(content), .. content];

    private static (JsonObject Parent, string Name) Find(JsonObject header, string field)
    {
        var names = field.Split('.');
        JsonNode node = header;
        foreach (var name in names[..^1])
        {
            node = int.TryParse(name, out var index) ? node[index]! : node[name]!;
        }

        return (node.AsObject(), names[^1]);
    }

    private static MetaTrainingProgress Report(int step) => new()
    {
        Step = step, TotalSteps = MetaSteps, TrainingLoss = 1, ValidationLoss = 2, ValidationAccuracy = 0.5,
        BestValidationLoss = 2, Gain = 0.25, GainInterval95 = 0.125, GradientNorm = 3, FreeResidual = null, NudgedResidual = 5,
            LearningRate = 0.01, Elapsed = TimeSpan.FromSeconds(step),
    };

    private static MetaTrainingState State() => new(Theta(1), new MetaOptimizer(Optimizer.Adam(0.01), null, 2), averages: true);

    private static float[] Theta(float value) => [value, -value];
}
