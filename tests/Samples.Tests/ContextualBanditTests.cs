using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Samples.Tests;

/// <summary>The learner of the sample, meta-trained once for all tests.</summary>
public sealed class BanditLearner : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => System.IO.Path.Combine(_folder.Path, "learner.onnx");

    internal SampleRun Training { get; private set; } = new(-1, "", "");

    public async Task InitializeAsync() =>
        Training = await new SampleProgram("ContextualBanditTraining").Run("--shops", "60", "--steps", "60", "--output", Path);

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();
}

public sealed class ContextualBanditTests(BanditLearner learner) : IClassFixture<BanditLearner>, IDisposable
{
    private static readonly SampleProgram _bandit = new("ContextualBandit");

    private readonly TemporaryFolder _folder = new();

    private string State => Path.Combine(_folder.Path, "shops");

    private string ShopFile => Path.Combine(State, Convert.ToHexStringLower(Encoding.UTF8.GetBytes("corner")) + ".json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Training_OfAFewShops_WritesTheLearner()
    {
        learner.Training.Succeeded();
        Assert.Contains("4 offers, 3 features", learner.Training.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(learner.Path));
    }

    [Fact]
    public async Task Simulate_OfNewShops_EarnsMoreThanOffersAtRandom()
    {
        var run = await _bandit.Run("simulate", "--learner", learner.Path, "--state", State, "--shops", "6", "--visits", "40");

        run.Succeeded();
        var last = Regex.Match(run.Output, @"^31 to 40 +([\d.]+) ?% +([\d.]+) ?%", RegexOptions.Multiline);
        Assert.True(last.Success, run.Output);
        var (service, atRandom) = (Number(1), Number(2));
        Assert.True(service > atRandom + 10, $"{service} % with the service, {atRandom} % at random");
        Assert.Equal(6, Directory.GetFiles(State, "*.json").Length);

        double Number(int group) => double.Parse(last.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Serve_AfterARestart_KnowsWhatItKnew()
    {
        string[] lesson = [.. Enumerable.Range(0, 12).Select(i => Observe(i % 2 == 0 ? "dinner" : "coffee", i % 2 == 0 ? 0 : 6))];
        // One process for all, and one that is ended in between.
        var whole = await Serve([Choose, .. lesson, Choose, Choose], Path.Combine(_folder.Path, "other"));
        var first = await Serve([Choose, .. lesson, Choose]);
        var second = await Serve([Choose]);

        Assert.Equal(Expected(whole[^2]), Expected(first[^1]));
        Assert.Equal(Expected(whole[^1]), Expected(second[0]));
        Assert.NotEqual(Expected(first[0]), Expected(first[^1]));
        Assert.Equal((1, 2, 3), (Number(first[0]), Number(first[^1]), Number(second[0])));
        // Coffee paid and dinner did not.
        var (before, after) = (Expected(first[0]), Expected(second[0]));
        Assert.True(after[2] - after[3] > before[2] - before[3], $"{string.Join(", ", before)} before, {string.Join(", ", after)} after");

        static long Number(JsonElement answer) => answer.GetProperty("decision").GetInt64();
    }

    [Fact]
    public async Task Serve_ARewardAfterARestart_IsTakenOnce()
    {
        await Serve([Choose]);
        var answers = await Serve([Reward(1, "2.5"), Reward(1, "2.5"), Reward(7, "1")]);

        Assert.True(answers[0].GetProperty("taken").GetBoolean());
        Assert.Contains("no decision 1 without a reward", Error(answers[1]), StringComparison.Ordinal);
        Assert.Contains("no decision 7 without a reward", Error(answers[2]), StringComparison.Ordinal);
    }

    [Theory]
    [
        InlineData(
            """{"reward":{"shop":"corner","decision":1,"reward":"NaN"}}""",
            "The reward is NaN: expected a number from -1000000 to 1000000"),
    ]
    [InlineData("""{"reward":{"shop":"corner","decision":1,"reward":"Infinity"}}""", "The reward is Infinity")]
    [
        InlineData(
            """{"observe":{"shop":"corner","context":[0.5,0.5,1],"arm":"supper","reward":1}}""",
            "There is no arm 'supper'; the arms are breakfast, lunch, coffee, dinner"),
    ]
    [InlineData("""{"observe":{"shop":"corner","context":[0.5,0.5,1],"arm":"lunch","reward":"NaN"}}""", "The reward is NaN")]
    [InlineData("""{"choose":{"shop":"corner","context":[0.5]}}""", "The context has 1 elements; the learner takes 3")]
    [InlineData("""{"choose":{"shop":"corner","context":[0.5,"NaN",1]}}""", "Element 1 of the context is NaN")]
    [InlineData("""{"choose":{"shop":" ","context":[0.5,0.5,1]}}""", "A shop needs a name")]
    [
        InlineData(
            """{"reward":{"shop":"corner","decision":1,"reward":1e38}}""",
            "The reward is 1E+38: expected a number from -1000000 to 1000000"),
    ]
    [
        InlineData(
            """{"observe":{"shop":"corner","context":[0.5,-3e38,1],"arm":"lunch","reward":1}}""",
            "Element 1 of the context is -3E+38: expected a number from -1000000 to 1000000"),
    ]
    [InlineData("""{"choose":{"shop":"corner","context":[3e38,0.5,1]}}""", "Element 0 of the context is 3E+38")]
    [
        InlineData(
            """{"choose":{"shop":"corner","context":[0.5,0.5,1]},"reward":{"shop":"corner","decision":1,"reward":1}}""",
            "A request is one of"),
    ]
    [
        InlineData(
            """{"reward":{"shop":"corner","decision":1,"reward":1},"reward":{"shop":"corner","decision":1,"reward":9}}""",
            "Invalid request"),
    ]
    [InlineData("""{"reward":{"shop":"unheard of","decision":1,"reward":1}}""", "Shop 'unheard of' has no decision 1")]
    [InlineData("""{"choose":{"shop":"corner"}}""", "Invalid request")]
    [InlineData("""{"choose":""", "Invalid request")]
    [InlineData("""{}""", "A request is one of")]
    [InlineData("""{"forget":{"shop":"corner"}}""", "Invalid request")]
    public async Task Serve_AWrongRequest_IsAnsweredAndEndsNothing(string request, string message)
    {
        var answers = await Serve([Choose, request, Reward(1, "2")]);

        Assert.Contains(message, Error(answers[1]), StringComparison.Ordinal);
        Assert.True(answers[2].GetProperty("taken").GetBoolean());
    }

    [Fact]
    public async Task Serve_AStateFileOfAnotherVersion_IsRefusedAndKept()
    {
        await Serve([Choose]);
        Rewrite(json => json.Replace("\"Version\":2", "\"Version\":3", StringComparison.Ordinal));
        var written = await File.ReadAllBytesAsync(ShopFile);

        var answer = (await Serve([Choose]))[0];

        Assert.Contains(
            "has format version 3; this program reads versions up to 2. Use the program that wrote it", Error(answer),
            StringComparison.Ordinal);
        Assert.Equal(written, await File.ReadAllBytesAsync(ShopFile));
    }

    [Fact]
    public async Task Serve_AStateFileOfVersion1_IsRead()
    {
        await Serve([Choose, Reward(1, "2")]);
        Rewrite(
            json => json.Replace("\"Version\":2", "\"Version\":1", StringComparison.Ordinal).Replace(
                "\"Pending\"", "\"AdaptTo\":1,\"Pending\"", StringComparison.Ordinal));

        Assert.Equal(2, (await Serve([Choose]))[0].GetProperty("decision").GetInt64());
    }

    /// <summary>What a model cannot learn from is not kept: it would come back at every choice and every start.</summary>
    [Fact]
    public async Task Serve_ARewardThatCannotBeLearned_IsRefusedAndNotKept()
    {
        await Serve([Choose]);
        // Decided before contexts had a range.
        Rewrite(json => Regex.Replace(json, @"""Context"":\[[^\]]*\]", "\"Context\":[3E+38,-3E+38,3E+38]"));

        var answers = await Serve([Reward(1, "1"), Choose, Observe("coffee", 3), Choose]);
        var again = await Serve([Choose]);

        Assert.Contains("cannot learn from this reward, and has not kept it", Error(answers[0]), StringComparison.Ordinal);
        Assert.All([answers[1], answers[3], again[0]], choice =>
            Assert.All(Expected(choice), expected => Assert.True(float.IsFinite(expected))));
    }

    [Fact]
    public async Task Serve_AStateFileOfRewardsBeyondTheLearner_IsRefusedAndHarmsNoOtherShop()
    {
        await Serve([Choose, Reward(1, "2.5")]);
        Rewrite(json => json.Replace("\"Reward\":2.5", "\"Reward\":1E+38", StringComparison.Ordinal));

        var answers = await Serve([Choose, Choose.Replace("corner", "market", StringComparison.Ordinal)]);

        Assert.Contains("holds cannot be learned from", Error(answers[0]), StringComparison.Ordinal);
        Assert.Equal(1, answers[1].GetProperty("decision").GetInt64());
    }

    [Theory]
    [InlineData(120, true)]
    [InlineData(121, false)]
    [InlineData(100_000, false)]
    public async Task Serve_LongNames_AreTakenOrRefused(int bytes, bool taken)
    {
        var name = string.Concat(new string('é', bytes / 2), new string('e', bytes % 2));

        var answers = await Serve([Choose.Replace("corner", name, StringComparison.Ordinal), Choose]);

        Assert.Equal(taken, answers[0].TryGetProperty("decision", out _));
        Assert.True(taken || Error(answers[0]).Contains($"has {bytes} bytes; at most 120 are allowed", StringComparison.Ordinal));
        Assert.True(answers[1].TryGetProperty("decision", out _));
    }

    [Fact]
    public async Task Serve_ALongLine_IsRefused()
    {
        var answers = await Serve([new string('x', 3 << 20), Choose]);

        Assert.Contains("at most 1048576 bytes", Error(answers[0]), StringComparison.Ordinal);
        Assert.True(answers[1].TryGetProperty("decision", out _));
    }

    [Fact]
    public async Task Serve_AnErrorAboutALongArm_IsShort() =>
        Assert.InRange(Error((await Serve([Observe(new string('x', 100_000), 1)]))[0]).Length, 1, 300);

    [Fact]
    public async Task Serve_ADeletedFolder_IsAnsweredAndEndsNothing()
    {
        using var service = _bandit.Talk(Arguments());
        await service.Ask(Choose);
        Directory.Delete(State, recursive: true);

        var refused = await service.Ask(Choose);
        Directory.CreateDirectory(State);
        var taken = await service.Ask(Choose);

        Assert.Contains("error", refused, StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(taken).RootElement.GetProperty("decision").GetInt64());
    }

    [Fact]
    public async Task Serve_MoreShopsThanAreKeptOpen_ReadsThemAgain()
    {
        using var service = _bandit.Talk([.. Arguments(), "--open-shops", "2"]);
        await service.Ask(Choose);
        await service.Ask(Choose.Replace("corner", "market", StringComparison.Ordinal));
        // A shop that was never chosen for takes no place.
        await service.Ask(Reward(1, "1").Replace("corner", "unheard of", StringComparison.Ordinal));
        await File.WriteAllTextAsync(ShopFile, "damaged");

        var fromMemory = await service.Ask(Choose);
        await File.WriteAllTextAsync(ShopFile, "damaged");
        await service.Ask(Choose.Replace("corner", "market", StringComparison.Ordinal));
        await service.Ask(Choose.Replace("corner", "mall", StringComparison.Ordinal));
        var fromFile = await service.Ask(Choose);

        Assert.Contains("\"decision\":2", fromMemory, StringComparison.Ordinal);
        Assert.Contains("is damaged", fromFile, StringComparison.Ordinal);
    }

    public static TheoryData<string> Signals => SampleProgram.HearsInterrupts ? ["TERM", "INT"] : ["TERM"];

    [Theory]
    [MemberData(nameof(Signals))]
    public async Task Serve_AskedToEnd_EndsCleanlyAndKeepsWhatItAnswered(string signal)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // There are no such signals to send.
        }

        using (var service = _bandit.Talk(Arguments()))
        {
            await service.Ask(Choose);
            Assert.Equal(0, await service.End(signal));
        }

        Assert.Equal(2, (await Serve([Choose]))[0].GetProperty("decision").GetInt64());
    }

    [Fact]
    public async Task Serve_AFolderInUse_IsRefused()
    {
        using var service = _bandit.Talk(Arguments());
        await service.Ask(Choose);

        (await _bandit.Run(Arguments())).Failed("is in use by another process");
    }

    [Fact]
    public async Task Serve_ADamagedStateFile_IsRefusedAndHarmsNoOtherShop()
    {
        await Serve([Choose]);
        var bytes = await File.ReadAllBytesAsync(ShopFile);
        bytes[^3] ^= 1;
        await File.WriteAllBytesAsync(ShopFile, bytes);

        var answers = await Serve([Choose, Choose.Replace("corner", "market", StringComparison.Ordinal)]);

        Assert.Contains("is damaged: its checksum is wrong", Error(answers[0]), StringComparison.Ordinal);
        Assert.Equal(1, answers[1].GetProperty("decision").GetInt64());
    }

    [Fact]
    public async Task Serve_AStateFileOfOtherArms_IsRefused()
    {
        await Serve([Choose]);

        var answer = (await Serve([Choose], more: ["--arms", "breakfast,lunch,coffee,supper"]))[0];

        Assert.Contains(
            "has the arms breakfast, lunch, coffee, dinner, but the service has breakfast, lunch, coffee, supper", Error(answer),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_AHalfWrittenFile_IsRemoved()
    {
        await Serve([Choose]);
        var half = Path.Combine(State, "left-by-a-kill.tmp");
        await File.WriteAllTextAsync(half, "half");

        await Serve([Choose]);

        Assert.False(File.Exists(half));
    }

    [Theory]
    [InlineData("The learner has 4 outputs, but there are 2 arms (a, b): it needs one output per arm", "--arms", "a,b")]
    [InlineData("The arms must have different names, none of them empty", "--arms", "a,b,b,c")]
    [InlineData("The share of random decisions is 1.5; it must be from 0 to 1", "--exploration", "1.5")]
    public async Task Serve_WithABadOption_SaysWhatIsAllowed(string message, string option, string value) =>
        (await _bandit.Run([], ["serve", "--learner", learner.Path, "--state", State, option, value])).Failed(message);

    [Fact]
    public async Task Serve_WithoutALearner_NamesTheFile() =>
        (await _bandit.Run("serve", "--learner", Path.Combine(_folder.Path, "none.onnx"))).Failed("none.onnx");

    [Fact]
    public async Task Simulate_OverKeptShops_Refuses()
    {
        await Serve([Choose]);
        (await _bandit.Run("simulate", "--learner", learner.Path, "--state", State, "--shops", "1", "--visits", "2")).Failed(
            "already has shops");
    }

    private const string Choose = """{"choose":{"shop":"corner","context":[0.7,0.5,1]}}""";

    private static string Observe(string arm, double reward) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"observe":{"shop":"corner","context":[0.7,0.5,1],"arm":"{{arm}}","reward":{{reward}} } }""");

    private static string Reward(long decision, string reward) =>
        $$"""{"reward":{"shop":"corner","decision":{{decision}},"reward":{{reward}} } }""";

    private async Task<JsonElement[]> Serve(string[] requests, string? state = null, string[]? more = null)
    {
        var run = await _bandit.Run(requests, [.. Arguments(state), .. more ?? []]);
        run.Succeeded();
        var answers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(requests.Length, answers.Length);
        return answers;
    }

    private string[] Arguments(string? state = null) => ["serve", "--learner", learner.Path, "--state", state ?? State];

    private static string Error(JsonElement answer) => answer.GetProperty("error").GetString()!;

    private static float[] Expected(JsonElement answer) => [.. answer.GetProperty("expected").EnumerateArray().Select(e => e.GetSingle())];

    /// <summary>Changes the JSON of the shop's file, with a checksum that fits.</summary>
    private void Rewrite(Func<string, string> change)
    {
        var json = Encoding.UTF8.GetBytes(change(File.ReadAllText(ShopFile).Split('\n', 2)[1]));
        File.WriteAllBytes(ShopFile, [.. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(json)) + "\n"), .. json]);
    }
}
