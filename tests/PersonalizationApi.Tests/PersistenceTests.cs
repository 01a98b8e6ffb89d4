using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>What a user taught is there after a restart, a kill or an eviction, and damage on disk harms nobody else.</summary>
public sealed class PersistenceTests : IDisposable
{
    private static readonly Blobs.Row[] _rows = Blobs.Classes(["walk", "run", "rest"], 8);

    private const string Listening = "Now listening on: ";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restart_SameFolder_RemembersEveryBit()
    {
        float[][] before;
        await using (var service = await Service.StartAsync(_folder))
        {
            using var learned = await service.LearnAsync("ann", _rows[..9]);
            before = Scores(await service.PredictionsAsync("ann", _rows));
        }

        await using var restarted = await Service.StartAsync(_folder);

        Assert.Equal(before, Scores(await restarted.PredictionsAsync("ann", _rows)));
        Assert.Equal(1, await restarted.MetricAsync("models_restored_total"));
    }

    [Fact]
    public async Task Kill_OfTheProcess_LosesNothing()
    {
        await File.WriteAllBytesAsync(_folder.File("learner.onnx"), new TinyLearner().File());
        var (process, address) = await StartProcessAsync();
        using (process)
        using (var client = Service.CreateClient(address))
        {
            for (var user = 0; user < 20; user++)
            {
                var rows = _rows[..9].Select(row => new { row.Features, row.Label });
                using var learned = await client.PostAsJsonAsync($"users/user-{user}/learn", new { rows });
                learned.EnsureSuccessStatusCode();
            }
            process.Kill();
            await process.WaitForExitAsync();
        }
        await File.WriteAllTextAsync(_folder.File("users/half-written.tmp"), "0123");

        await using var service = await Service.StartAsync(_folder);

        for (var user = 0; user < 20; user++)
        {
            Assert.Equal(_rows.Select(row => row.Label), await service.LabelsAsync($"user-{user}", _rows));
        }

        Assert.Empty(Directory.GetFiles(_folder.File("users"), "*.tmp"));
    }

    [Fact]
    public async Task Kill_WhileUsersLearn_KeepsWhatWasAcknowledged()
    {
        const int users = 8, acknowledgements = 60;
        await File.WriteAllBytesAsync(_folder.File("learner.onnx"), new TinyLearner().File());
        var acknowledged = new int[users]; // Round r of a user is learned with labels that end in r.
        var (process, address) = await StartProcessAsync();
        using (process)
        using (var client = Service.CreateClient(address))
        {
            var count = 0;
            await Task.WhenAll(Enumerable.Range(0, users).Select(async user =>
            {
                try
                {
                    for (var round = 1; ; round++)
                    {
                        var rows = _rows[..9].Select(row => new { row.Features, Label = $"{row.Label} {round}" });
                        using var learned = await client.PostAsJsonAsync($"users/user-{user}/learn", new { rows });
                        learned.EnsureSuccessStatusCode();
                        acknowledged[user] = round;
                        if (Interlocked.Increment(ref count) == acknowledgements)
                        {
                            process.Kill();
                        }
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed.
                }
            }));
            await process.WaitForExitAsync();
        }

        await using var service = await Service.StartAsync(_folder);

        Assert.True(acknowledged.Sum() >= acknowledgements);
        for (var user = 0; user < users; user++)
        {
            if (acknowledged[user] == 0)
            {
                continue;
            }
            // The round under way at the kill may be there or not, an older one than the last acknowledged must not.
            var rounds = (await service.LabelsAsync($"user-{user}", _rows)).Select(
                label => int.Parse(label!.Split(' ')[1], null)).Distinct().ToArray();
            Assert.InRange(Assert.Single(rounds), acknowledged[user], acknowledged[user] + 1);
        }
        Assert.Empty(Directory.GetFiles(_folder.File("users"), "*.damaged"));
    }

    [Fact]
    public async Task Cache_BeyondItsSize_EvictsAndLearnsAgain()
    {
        await using var service = await Service.StartAsync(_folder, null, "CachedModels=3");
        for (var user = 0; user < 10; user++)
        {
            using var learned = await service.LearnAsync($"user-{user}", _rows[..(6 + user)]);
            learned.EnsureSuccessStatusCode();
        }

        Assert.Equal(3, await service.MetricAsync("cached_models"));
        Assert.Equal(7, await service.MetricAsync("models_evicted_total"));
        for (var user = 9; user >= 0; user--)
        {
            Assert.Equal(_rows.Select(row => row.Label), await service.LabelsAsync($"user-{user}", _rows));
        }

        Assert.Equal(7, await service.MetricAsync("models_restored_total"));
        Assert.Equal(3, await service.MetricAsync("cached_models"));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [InlineData("foreign")]
    public async Task Restart_DamagedFile_IsSetAside(string damage)
    {
        await using (var service = await Service.StartAsync(_folder))
        {
            using var ann = await service.LearnAsync("ann", _rows[..9]);
            using var bob = await service.LearnAsync("bob", _rows[..9]);
        }
        var file = FileOf("ann");
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^10] ^= damage == "flipped" ? (byte)1 : (byte)0;
        await File.WriteAllBytesAsync(file, damage switch
        {
            "truncated" => bytes[..^1],
            "empty" => [],
            "foreign" => await File.ReadAllBytesAsync(FileOf("bob")),
            _ => bytes,
        });

        await using var restarted = await Service.StartAsync(_folder);
        using var damaged = await restarted.PredictAsync("ann", _rows);
        using var unknown = await restarted.PredictAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.Gone, damaged.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Single(Directory.GetFiles(_folder.File("users"), "*.damaged"));
        Assert.Equal(_rows.Select(row => row.Label), await restarted.LabelsAsync("bob", _rows));
        using var again = await restarted.LearnAsync("ann", _rows[..9]);
        Assert.Equal(_rows.Select(row => row.Label), await restarted.LabelsAsync("ann", _rows));
    }

    [Fact]
    public async Task Restart_AnotherLearner_SaysToLearnAgain()
    {
        await using (var service = await Service.StartAsync(_folder))
        {
            using var learned = await service.LearnAsync("ann", _rows[..9]);
        }

        await using var restarted = await Service.StartAsync(_folder, new TinyLearner { Features = 3 });
        using var response = await restarted.PredictAsync("ann", Blobs.Classes(["a", "b"], 1, features: 3));

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.True(File.Exists(FileOf("ann")));
    }

    [Fact]
    public async Task Restart_LearnerThatLacksALabel_SaysToLearnAgain()
    {
        await using (var service = await Service.StartAsync(_folder))
        {
            using var learned = await service.LearnAsync("ann", _rows[..9]);
        }

        await using var restarted = await Service.StartAsync(_folder, new TinyLearner { Classes = ["walk", "run"] });
        using var response = await restarted.PredictAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.True(File.Exists(FileOf("ann")));
    }

    [Fact]
    public async Task UsersThatDifferInCase_AreDifferentOnAnyFileSystem()
    {
        await using var service = await Service.StartAsync(_folder);
        string[] users = ["ann", "Ann", "ANN", "a-nn", "a_nn"];
        foreach (var user in users)
        {
            using var learned = await service.LearnAsync(
                user, _rows[..6].Select(row => new Blobs.Row { Features = row.Features, Label = $"{user} {row.Label}" }));
            learned.EnsureSuccessStatusCode();
        }

        Assert.Equal(users.Length, Directory.GetFiles(_folder.File("users"), "*.json").Distinct(StringComparer.OrdinalIgnoreCase).Count());
        foreach (var user in users)
        {
            Assert.All(await service.LabelsAsync(user, _rows), label => Assert.StartsWith($"{user} ", label, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Start_FolderInUse_IsRefused()
    {
        await using var service = await Service.StartAsync(_folder);

        Assert.Contains(
            "is in use by another process", (await Assert.ThrowsAsync<IOException>(() => Service.StartAsync(_folder))).Message,
            StringComparison.Ordinal);
        using var second = Start();
        var error = await second.StandardError.ReadToEndAsync();
        await second.WaitForExitAsync();

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("is in use by another process", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terminate_OfTheProcess_EndsItCleanly()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // There is no such signal to send.
        }

        await File.WriteAllBytesAsync(_folder.File("learner.onnx"), new TinyLearner().File());
        var (process, _) = await StartProcessAsync();
        using (process)
        {
            Process.Start("kill", ["-TERM", $"{process.Id}"]).Dispose();
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
    }

    [Fact]
    public async Task Restart_FileOfANewerVersion_IsLeftAlone()
    {
        Directory.CreateDirectory(_folder.File("users"));
        var json = """{"Version":2,"User":"ann","Rows":[]}""";
        var checksum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        await File.WriteAllTextAsync(FileOf("ann"), checksum + "\n" + json);

        await using var service = await Service.StartAsync(_folder);
        using var response = await service.PredictAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.True(File.Exists(FileOf("ann")));
    }

    private string FileOf(string user) => _folder.File($"users/{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(user))}.json");

    private static float[][] Scores(IEnumerable<global::PersonalizationApi.Prediction> predictions) =>
        [.. predictions.Select(prediction => prediction.Scores!.Values.ToArray())];

    private async Task<(Process Process, Uri Address)> StartProcessAsync()
    {
        var process = Start();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                return (process, new Uri(line[(at + Listening.Length)..]));
            }
        }
        throw new InvalidOperationException("The service ended before it listened.");
    }

    private Process Start() => Process.Start(new ProcessStartInfo("dotnet",
    [
        Path.Combine(AppContext.BaseDirectory, "PersonalizationApi.dll"), "--learner", _folder.File("learner.onnx"),
        "--urls", "http://127.0.0.1:0", $"--Personalization:Folder={_folder.File("users")}",
        "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
    ]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
