using System.ComponentModel.DataAnnotations;
using System.Net;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>Tenants and their keys.</summary>
public sealed class ApiKeyTests : IDisposable
{
    private const string AcmeKey = "0123456789abcdef", BoltKey = "fedcba9876543210";

    private static readonly Blobs.Row[] _rows = Blobs.Classes(["walk", "run", "rest"], 3);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task UsersOfTwoTenants_OfOneName_AreIsolated()
    {
        await using (var service = await StartAsync($"ApiKeys:acme={AcmeKey}", $"ApiKeys:bolt={BoltKey}"))
        {
            As(service, AcmeKey);
            using var learned = await service.LearnAsync("ann", _rows);
            Assert.Equal(HttpStatusCode.OK, learned.StatusCode);
            As(service, BoltKey);
            using var unknown = await service.PredictAsync("ann", _rows);
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        }

        await using var restarted = await StartAsync($"ApiKeys:acme={AcmeKey}", $"ApiKeys:bolt={BoltKey}");
        As(restarted, AcmeKey);

        Assert.Equal(_rows.Select(row => row.Label), await restarted.LabelsAsync("ann", _rows));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0123456789abcdeF")]
    public async Task AnyEndpoint_WithoutTheKey_IsRefused(string? key)
    {
        await using var service = await StartAsync($"ApiKeys:acme={AcmeKey}");
        As(service, key);

        using var learned = await service.LearnAsync("ann", _rows);
        using var nowhere = await service.Client.GetAsync(new Uri("nothing/here", UriKind.Relative));
        using var health = await service.Client.GetAsync(new Uri("health", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, learned.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, nowhere.StatusCode);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory]
    [InlineData("ApiKeys:acme=short")]
    [InlineData("ApiKeys:ac/me=0123456789abcdef")]
    [InlineData("ApiKeys:acme=0123456789abcdef", "ApiKeys:bolt=0123456789abcdef")]
    public async Task Start_KeysThatCannotBeUsed_SaysSo(params string[] settings) =>
        Assert.Contains(
            "ApiKeys", (await Assert.ThrowsAsync<ValidationException>(() => StartAsync(settings))).Message, StringComparison.Ordinal);

    private Task<Service> StartAsync(params string[] settings) => Service.StartAsync(_folder, null, settings);

    private static void As(Service service, string? key)
    {
        service.Client.DefaultRequestHeaders.Remove("X-Api-Key");
        if (key is not null)
        {
            service.Client.DefaultRequestHeaders.Add("X-Api-Key", key);
        }
    }
}
