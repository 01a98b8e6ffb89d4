using System.Net;
using System.Threading.RateLimiting;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>Many users at once, and one user from many places at once.</summary>
public sealed class ConcurrencyTests : IDisposable
{
    private const int Users = 64;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1000)]
    [InlineData(5)]
    public async Task ManyUsers_AtOnce_AreIsolated(int cachedModels)
    {
        await using var service = await Service.StartAsync(_folder, new TinyLearner { Features = 8 }, $"CachedModels={cachedModels}");

        await Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
        {
            string[] labels = [$"{user} a", $"{user} b"];
            var rows = Blobs.Classes(labels, 6, features: 8, seed: user);
            for (var round = 0; round < 3; round++)
            {
                using var learned = await service.LearnAsync($"user-{user}", rows[..6]);
                Assert.Equal(HttpStatusCode.OK, learned.StatusCode);
                Assert.Equal(rows.Select(row => row.Label), await service.LabelsAsync($"user-{user}", rows));
            }
        }));

        Assert.Equal(Math.Min(Users, cachedModels), await service.MetricAsync("cached_models"));
        Assert.Equal(0, await service.MetricAsync("failed_requests_total"));
    }

    [Fact]
    public async Task OneUser_LearningAndPredictingAtOnce_SeesOneTaskOrTheOther()
    {
        await using var service = await Service.StartAsync(_folder, null, "CachedModels=1", "MaxRequestsPerUser=100");
        var rows = Blobs.Classes(["a", "b"], 6);
        Blobs.Row[] renamed = [.. rows.Select(row => new Blobs.Row { Features = row.Features, Label = row.Label + "'" })];
        using var first = await service.LearnAsync("ann", rows);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            if (i % 3 == 0)
            {
                using var learned = await service.LearnAsync("ann", i % 2 == 0 ? rows : renamed);
                Assert.Equal(HttpStatusCode.OK, learned.StatusCode);
                return;
            }
            var labels = (await service.LabelsAsync("ann", rows)).ToArray();
            Assert.True(labels.SequenceEqual(rows.Select(row => row.Label)) || labels.SequenceEqual(renamed.Select(row => row.Label)));
        }));
    }

    [Fact]
    public async Task TooManyRequests_AtOnce_AreToldToComeBack()
    {
        await using var service = await Service.StartAsync(_folder, null, "MaxConcurrentRequests=1");
        var rows = Blobs.Classes(["a", "b"], 3);

        // The one request that may work at a time.
        using (service.Of<ConcurrencyLimiter>().AttemptAcquire())
        {
            using var refused = await service.LearnAsync("ann", rows);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using var learned = await service.LearnAsync("ann", rows);
        Assert.Equal(HttpStatusCode.OK, learned.StatusCode);
        Assert.True((await service.Client.GetAsync(new Uri("health", UriKind.Relative))).IsSuccessStatusCode);
    }
}
