using System.Net;
using System.Text;
using System.Text.Json;
using MLNetMeta.Testing;
using PersonalizationApi;
using Xunit;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>Runs while no other test does: the memory that it measures is the whole process's.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunsAlone
{
    public const string Name = "Alone";
}

/// <summary>The service over many adaptations.</summary>
[Collection(RunsAlone.Name)]
public sealed class MemoryTests : IDisposable
{
    private const int Warmup = 300, Measured = 600;

    // What the allocators may not have given back yet; a leaked session per adaptation would be ten times as much.
    private const long AllowedGrowth = 24 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>An MLContext remembers what was made in it: 3 kB for each task, were there one for all.</summary>
    [Fact]
    public void ManyTasks_LeaveNothingBehind()
    {
        using var learner = new TinyLearner().Load();
        var tasks = new UserTasks(learner);
        SupportRow[] rows = [.. Blobs.Classes(["a", "b"], 2).Select(row => new SupportRow(row.Features, row.Label))];
        LearnAndPredict(100);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        LearnAndPredict(1000);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1 << 19);

        void LearnAndPredict(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var model = tasks.Learn(rows);
                Assert.Equal(2, tasks.Predict(model, [rows[0].Features, rows[1].Features]).Count());
            }
        }
    }

    /// <summary>Answers that nobody reads wait as scores: 1.6 MB each here, and 48 MB as JSON.</summary>
    [Fact]
    public async Task UnreadAnswers_TakeLittleMemory()
    {
        const int classes = 200, queries = 2000, answers = 8;
        await using var service = await Service.StartAsync(_folder, null, "MaxAnswerBytes=100000000", "MinBytesPerSecond=1");
        var rows = Blobs.Classes([.. Enumerable.Range(0, classes).Select(i => $"{i} {new string('x', 100)}")], 1);
        using var learned = await service.LearnAsync("ann", rows);
        learned.EnsureSuccessStatusCode();
        var body = JsonSerializer.Serialize(new { rows = Enumerable.Range(0, queries).Select(i => rows[i % classes].Features) });
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var unread = await Task.WhenAll(Enumerable.Range(0, answers).Select(_ => service.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "users/ann/predict")
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
            },
            HttpCompletionOption.ResponseHeadersRead)));

        Assert.All(unread, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 40 << 20);
        Assert.InRange(
            await service.MetricAsync("bytes_in_flight"), answers * classes * queries * sizeof(float),
            answers * ((classes * queries * sizeof(float)) + body.Length));
        foreach (var answer in unread)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task ManyAdaptations_KeepMemoryFlat()
    {
        await using var service = await Service.StartAsync(_folder, null, "CachedModels=8");
        var rows = Blobs.Classes(["a", "b"], 5);
        await LearnAsync(Warmup);
        var before = WorkingSet();

        await LearnAsync(Measured);

        Assert.InRange(WorkingSet() - before, long.MinValue, AllowedGrowth);

        static long WorkingSet()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            return Environment.WorkingSet;
        }

        async Task LearnAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var learned = await service.LearnAsync($"user-{i % 16}", rows);
                learned.EnsureSuccessStatusCode();
            }
        }
    }
}
