using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>What a client may cost the others: memory, turns, connections.</summary>
public sealed class LimitTests : IDisposable
{
    /// <summary>Of a slow body; Kestrel's least rate leaves such a one in peace for as many seconds.</summary>
    private const int Sent = 600;

    private static readonly Blobs.Row[] _rows = Blobs.Classes(["walk", "run", "rest"], 3);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SlowBodies_HoldNobodysTurn()
    {
        await using var service = await StartAsync("MaxConcurrentRequests=1");
        using var one = await SendHalfAsync(service, "slow-1");
        using var two = await SendHalfAsync(service, "slow-2");
        await InFlightAsync(service, 2 * Sent);

        using var learned = await service.LearnAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.OK, learned.StatusCode);
    }

    [Fact]
    public async Task BodiesBeyondTheBudget_AreToldToComeBack()
    {
        await using var service = await StartAsync("MaxBytesInFlight=1000");
        using (await SendHalfAsync(service, "slow"))
        {
            await InFlightAsync(service, Sent);
            using var refused = await service.LearnAsync("ann", _rows);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        await InFlightAsync(service, 0);

        using var learned = await service.LearnAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.OK, learned.StatusCode);
        await InFlightAsync(service, 0);
    }

    [Theory]
    [InlineData("ann", "ann", "bob")]
    [InlineData("no%20name", "neither%20this", "bob")]
    public async Task RequestsOfOneUserOrAddress_AreLimitedAndHarmNoOther(string slow, string same, string other)
    {
        await using var service = await StartAsync("MaxRequestsPerUser=1");
        using var connection = await SendHalfAsync(service, slow);
        await InFlightAsync(service, Sent);

        using var refused = await service.LearnAsync(same, _rows);
        using var learned = await service.LearnAsync(other, _rows);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("at most 1 requests at once", await DetailAsync(refused), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, learned.StatusCode);
    }

    [Fact]
    public async Task Predict_AnswerBeyondTheLimit_IsRefusedBeforeTheWork()
    {
        await using var service = await StartAsync("MaxAnswerBytes=2000");
        using var learned = await service.LearnAsync(
            "ann", _rows.Select(row => new Blobs.Row { Features = row.Features, Label = row.Label + new string('é', 190) }));
        learned.EnsureSuccessStatusCode();

        using var refused = await service.PredictAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Matches(
            @"^The answer to 9 rows would have up to \d+ bytes, \d+ for each row; at most 2000 are allowed", await DetailAsync(refused));
        Assert.Equal(0, await service.MetricAsync("predicted_rows_total"));
    }

    [Theory]
    [InlineData(MLNetMeta.Transforms.MetaTask.Classification)]
    [InlineData(MLNetMeta.Transforms.MetaTask.Regression)]
    public async Task Predict_Answer_IsNoLongerThanWasReckoned(MLNetMeta.Transforms.MetaTask task)
    {
        await using var service = await Service.StartAsync(_folder, new TinyLearner { Task = task }, "MaxAnswerBytes=1");
        var rows = _rows.Select(row => new { row.Features, Label = row.Label + "\"\u0001é", Targets = new[] { 1.5e-38f } });
        using var content = new StringContent(
            JsonSerializer.Serialize(new { rows }, JsonSerializerOptions.Web), Encoding.UTF8, "application/json");
        using var learned = await service.Client.PostAsync(new Uri("users/ann/learn", UriKind.Relative), content);
        learned.EnsureSuccessStatusCode();
        using var refused = await service.PredictAsync("ann", _rows);
        var reckoned = int.Parse((await DetailAsync(refused)).Split("up to ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        await service.DisposeAsync();

        await using var generous = await Service.StartAsync(_folder, new TinyLearner { Task = task });
        using var answer = await generous.PredictAsync("ann", _rows);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.InRange((await answer.Content.ReadAsByteArrayAsync()).Length, 1, reckoned + 100);
    }

    [Fact]
    public async Task ConnectionsBeyondTheLimit_AreClosed()
    {
        await using var service = await StartAsync("MaxConnections=2");
        using var one = await ConnectAsync(service);
        using var two = await ConnectAsync(service);
        Assert.NotEqual(0, await AskHealthAsync(one));
        Assert.NotEqual(0, await AskHealthAsync(two));

        using var three = await ConnectAsync(service);

        Assert.Equal(0, await AskHealthAsync(three));
        Assert.NotEqual(0, await AskHealthAsync(two));
    }

    private Task<Service> StartAsync(params string[] settings) => Service.StartAsync(_folder, null, ["MinBytesPerSecond=1", .. settings]);

    private static async Task<string> DetailAsync(HttpResponseMessage response) =>
        JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!;

    private static async Task<TcpClient> ConnectAsync(Service service)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port);
        return client;
    }

    /// <summary>A learn request of which the rest never comes.</summary>
    private static async Task<TcpClient> SendHalfAsync(Service service, string user)
    {
        var client = await ConnectAsync(service);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /users/{user}/learn HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {2 * Sent}\r\n\r\n"
                + new string(' ', Sent)));
        return client;
    }

    /// <returns>Bytes of the answer; 0 where the connection was closed instead.</returns>
    private static async Task<int> AskHealthAsync(TcpClient client)
    {
        try
        {
            await client.GetStream().WriteAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            return await client.GetStream().ReadAsync(new byte[4096]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Waits until that many bytes are in memory.</summary>
    private static async Task InFlightAsync(Service service, long bytes)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromMinutes(1)); // Far beyond what it takes.
        while (await service.MetricAsync("bytes_in_flight") != bytes)
        {
            late.Token.ThrowIfCancellationRequested();
        }
    }
}
