using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

// Load on samples/PersonalizationApi: users who each learn a task and predict with it, again and again, all at once.
// dotnet run -c Release --project benchmarks/ApiLoad http://127.0.0.1:5000 [users] [adaptations]
var address = new Uri(args.Length > 0 ? args[0] : "http://127.0.0.1:5000");
var users = args.Length > 1 ? int.Parse(args[1], null) : 64;
var adaptations = args.Length > 2 ? int.Parse(args[2], null) : 10_000;
const int ways = 5, shots = 5, queries = 10;

using var client = new HttpClient { BaseAddress = address };
var health = await client.GetFromJsonAsync<JsonElement>("health");
var features = health.GetProperty("features").GetInt32();
var (learns, predicts) = (new ConcurrentBag<double>(), new ConcurrentBag<double>());
var (started, wrong) = (0, 0);
Console.WriteLine(
    $"{users} users, {adaptations} adaptations to {ways} classes of {shots} rows with {features} features, {queries} rows predicted "
    + $"after each; {Environment.ProcessorCount} processors");
Console.WriteLine("| adaptations | service's working set, MB | seconds |");
Console.WriteLine("|---|---|---|");
var start = Stopwatch.GetTimestamp();
await Task.WhenAll(Enumerable.Range(0, users).Select(UserAsync));
await ReportMemoryAsync(adaptations);
Report("learn", learns);
Report("predict", predicts);
Console.WriteLine($"{wrong} answers for another user's task");
return wrong == 0 ? 0 : 1;

async Task UserAsync(int user)
{
    var random = new Random(user);
    while (Interlocked.Increment(ref started) is var number && number <= adaptations)
    {
        if (number % (adaptations / 10) == 1)
        {
            await ReportMemoryAsync(number - 1);
        }

        var centres = Enumerable.Range(0, ways).Select(_ => Values(random, 4)).ToArray();
        var rows = Enumerable.Range(0, ways * shots).Select(
            i => new { features = Near(centres[i % ways], random), label = $"user {user} class {i % ways}" });
        await TimeAsync($"users/user-{user}/learn", new { rows }, learns);
        var answer = await TimeAsync(
            $"users/user-{user}/predict", new { rows = Enumerable.Range(0, queries).Select(i => Near(centres[i % ways], random)) },
            predicts);
        foreach (var prediction in answer.GetProperty("predictions").EnumerateArray())
        {
            if (!prediction.GetProperty("label").GetString()!.StartsWith($"user {user} ", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref wrong);
            }
        }
    }
}

async Task<JsonElement> TimeAsync(string path, object body, ConcurrentBag<double> milliseconds)
{
    var begun = Stopwatch.GetTimestamp();
    using var response = await client.PostAsJsonAsync(path, body);
    response.EnsureSuccessStatusCode();
    var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
    milliseconds.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    return answer;
}

async Task ReportMemoryAsync(int done)
{
    var metrics = await client.GetStringAsync(new Uri("metrics", UriKind.Relative));
    var bytes = metrics.Split('\n').Single(
        line => line.StartsWith("personalization_working_set_bytes ", StringComparison.Ordinal)).Split(' ')[1];
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {done} | {double.Parse(bytes, CultureInfo.InvariantCulture) / 1e6:F0} | {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} |"));
}

static void Report(string name, ConcurrentBag<double> milliseconds)
{
    var sorted = milliseconds.Order().ToArray();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: p50 {sorted[sorted.Length / 2]:F1} ms, p99 {sorted[sorted.Length * 99 / 100]:F1} ms, most {sorted[^1]:F1} ms, "
        + $"{sorted.Length} requests"));
}

float[] Values(Random random, double spread) =>
    [.. Enumerable.Range(0, features).Select(_ => (float)(spread * (2 * random.NextDouble() - 1)))];

float[] Near(float[] centre, Random random) => [.. centre.Zip(Values(random, 0.5), (value, noise) => value + noise)];
