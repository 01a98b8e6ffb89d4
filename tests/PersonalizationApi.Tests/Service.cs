using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MLNetMeta.Testing;
using PersonalizationApi;

namespace MLNetMeta.PersonalizationApi.Tests;

/// <summary>The service on a loopback port of its own, and an HTTP client for it.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Service(WebApplication app)
    {
        _app = app;
        Client = CreateClient(new Uri(app.Urls.Single()));
    }

    public HttpClient Client { get; }

    /// <summary>A service of the app itself.</summary>
    public T Of<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A client that waits as long as a crowded machine takes: only a service that hangs takes so long.</summary>
    public static HttpClient CreateClient(Uri address) => new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(30) };

    /// <param name="folder">Where the learner is written, and the users' tasks are kept.</param>
    /// <param name="learner">The learner; null for one of two features and any classes.</param>
    /// <param name="settings">More settings, as <c>Name=value</c>.</param>
    public static async Task<Service> StartAsync(TemporaryFolder folder, TinyLearner? learner = null, params string[] settings)
    {
        await File.WriteAllBytesAsync(folder.File("learner.onnx"), (learner ?? new TinyLearner()).File());
        var app = PersonalizationService.Create(
        [
            "--learner", folder.File("learner.onnx"), "--urls", "http://127.0.0.1:0", $"--Personalization:Folder={folder.File("users")}",
            .. settings.Select(setting => $"--Personalization:{setting}"),
        ]);
        await app.StartAsync();
        return new Service(app);
    }

    public Task<HttpResponseMessage> LearnAsync(string user, IEnumerable<Blobs.Row> rows) => Client.PostAsJsonAsync(
        $"users/{user}/learn", new { rows = rows.Select(row => new { row.Features, row.Label }) });

    public Task<HttpResponseMessage> PredictAsync(string user, IEnumerable<Blobs.Row> rows) =>
        Client.PostAsJsonAsync($"users/{user}/predict", new { rows = rows.Select(row => row.Features) });

    /// <summary>The predicted labels.</summary>
    public async Task<IEnumerable<string?>> LabelsAsync(string user, IEnumerable<Blobs.Row> rows) =>
        (await PredictionsAsync(user, rows)).Select(prediction => prediction.Label);

    public async Task<Prediction[]> PredictionsAsync(string user, IEnumerable<Blobs.Row> rows)
    {
        using var response = await PredictAsync(user, rows);
        response.EnsureSuccessStatusCode();
        return [.. (await response.Content.ReadFromJsonAsync<PredictResponse>())!.Predictions];
    }

    /// <summary>A value of GET /metrics.</summary>
    public async Task<double> MetricAsync(string name)
    {
        var metrics = await Client.GetStringAsync(new Uri("metrics", UriKind.Relative));
        var line = metrics.Split('\n').Single(line => line.StartsWith($"personalization_{name} ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
