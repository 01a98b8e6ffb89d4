using System.Text;
using System.Text.Json.Nodes;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Training;

/// <summary>No change of a checkpoint goes unnoticed.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private const int MetaSteps = 9;

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
    public void Read_OfAFileWithAnyBitFlipped_IsRefused()
    {
        var bytes = File.ReadAllBytes(Path);
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertDamaged(bytes);
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

    public static TheoryData<string, string> OutOfRange => new()
    {
        { "Step", "-1" },
        { "Step", "10" },
        { "Step", "1e300" },
        { "Divergences", "-1" },
        { "Divergences", "6" },
        { "Plateaus", "-1" },
        { "Plateaus", "2" },
        { "ValidationsWithoutGain", "-1" },
        { "ValidationsWithoutGain", "2" },
        { "Elapsed", "\"-00:00:01\"" },
        { "Elapsed", "\"10675199.00:00:00\"" },
        { "Elapsed", "1e300" },
        { "BestLoss", "\"NaN\"" },
        { "BestLoss", "null" },
        { "BestErrors", "[-1, 0]" },
        { "BestErrors", "[1]" },
        { "StartErrors", "null" },
        { "StartErrors", "[0, -0.5]" },
        { "BelongsTo", "null" },
        { "Unreported", "null" },
        { "Unreported.Losses", "-1" },
        { "Unreported.Losses", "5" },
        { "Unreported.GradientNorm", "-1" },
        { "Unreported.LearningRate", "\"Infinity\"" },
        { "History", "null" },
        { "History", "[]" },
        { "History", "[null]" },
        { "History.1.Step", "0" },
        { "History.1.Step", "5" },
        { "History.0.Step", "-1" },
        { "History.0.TotalSteps", "8" },
        { "History.0.Elapsed", "\"-00:00:01\"" },
        { "History.0.Elapsed", "1e300" },
        { "History.0.FreeResidual", "-1" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Read_OfAHeaderWithAnImpossibleValue_IsRefusedThoughTheChecksumIsRight(string field, string value) =>
        AssertDamaged(WithHeader(header =>
    {
        var (parent, name) = Find(header, field);
        Assert.True(parent.ContainsKey(name), $"The header has no {field}.");
        parent[name] = JsonNode.Parse(value);
    }));

    [Fact]
    public void Read_OfMoreOrFewerParameters_IsRefusedThoughTheChecksumIsRight()
    {
        var content = Content();
        AssertDamaged(WithFirstLine(content[..^8]));
        AssertDamaged(WithFirstLine([.. content, .. new byte[8]]));
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

    private void AssertDamaged(byte[] bytes)
    {
        File.WriteAllBytes(Path, bytes);
        var state = State();
        var refusal = Assert.Throws<FormatException>(() => new CheckpointFile(Path, _owner, MetaSteps).Read(state));
        Assert.Contains($"The checkpoint '{Path}' is damaged or not a checkpoint", refusal.Message, StringComparison.Ordinal);
    }

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
