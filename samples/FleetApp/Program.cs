// An app of a fleet. Its users have labelled some rows. It contributes to the learner that all apps use, and sends no rows:
//
//   dotnet run -c Release --project samples/FleetApp -- --server http://localhost:5000 --rows app-1.csv --state app-1
using System.Net;
using System.Net.Http.Headers;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetMeta.Samples;
using MLNetMeta.Transforms;

if (FleetAppOptions.Parse(args, out var exitCode) is not { } options)
{
    return exitCode;
}

try
{
    await Run(options);
    return 0;
}
catch (Exception failure) when (failure is SampleException or InvalidOperationException or ArgumentException or FormatException
    or NotSupportedException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

static async Task Run(FleetAppOptions options)
{
    var ml = new MLContext();
    var outbox = new Outbox(options.State);
    using var http = new HttpClient { BaseAddress = options.Server, Timeout = TimeSpan.FromMinutes(1) };
    var rows = Read(ml, options.Rows);
    string[] users = [.. rows.GetColumn<string>("User").Distinct()];
    Learner? learner = null;
    try
    {
        while (true)
        {
            if (outbox.Unsent() is { } unsent)
            {
                await Send(unsent);
            }

            learner = await Current(learner);
            if (learner.Revision >= options.Rounds)
            {
                return;
            }

            if (learner.Revision == outbox.LastRevision)
            {
                await Task.Delay(50); // The others have not contributed yet.
                continue;
            }

            var chosen = users.ToArray();
            Random.Shared.Shuffle(chosen);
            outbox.Put(ml.MetaLearning().Contribute(learner, Of(chosen[..Math.Min(options.Users, chosen.Length)]), new ContributionOptions
            {
                TaskColumnName = "User",
                ClippingNorm = options.ClippingNorm > 0 ? options.ClippingNorm : null,
                NoiseMultiplier = options.NoiseMultiplier,
            }));
        }
    }
    finally
    {
        learner?.Dispose();
    }

    IDataView Of(string[] chosen) =>
        ml.MetaLearning().MapLabelToKey(learner!, "Label", "Class").Fit(rows).Transform(
            ml.Data.FilterByCustomPredicate<UserRow>(rows, row => !chosen.Contains(row.User)));

    async Task<Learner> Current(Learner? known)
    {
        using var answer = await Ask(() =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "learner");
            if (known is not null)
            {
                request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{known.Revision}\""));
            }

            return request;
        });
        if (answer.StatusCode == HttpStatusCode.NotModified)
        {
            return known!;
        }

        answer.EnsureSuccessStatusCode();
        known?.Dispose();
        return ml.MetaLearning().LoadLearner(await answer.Content.ReadAsStreamAsync());
    }

    async Task Send(LearnerContribution contribution)
    {
        using var bytes = new MemoryStream();
        contribution.Save(bytes);
        using var answer = await Ask(() => new HttpRequestMessage(HttpMethod.Post, "contributions")
        {
            Content = new ByteArrayContent(bytes.ToArray()),
        });
        switch (answer.StatusCode)
        {
            case HttpStatusCode.OK:
                outbox.Acknowledged(contribution);
                break;
            case HttpStatusCode.Conflict: // Too old, for example: the next one is of the current revision.
                outbox.Refused();
                break;
            default:
                throw new SampleException($"The server answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    // If the server is down, wait for it: the contribution is stored here until the server has answered.
    async Task<HttpResponseMessage> Ask(Func<HttpRequestMessage> request)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await http.SendAsync(request());
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && attempt < 600)
            {
                await Task.Delay(100);
            }
        }
    }
}

static IDataView Read(MLContext ml, string path)
{
    var columns = File.Exists(path)
        ? File.ReadLines(path).First().Split(',').Length
        : throw new SampleException($"There is no file '{path}'.");
    return ml.Data.LoadFromTextFile(path, new TextLoader.Options
    {
        HasHeader = true,
        Separators = [','],
        Columns =
        [
            new TextLoader.Column("User", DataKind.String, 0), new TextLoader.Column("Class", DataKind.String, 1),
            new TextLoader.Column("Features", DataKind.Single, 2, columns - 1),
        ],
    });
}

internal sealed class UserRow
{
    public string User { get; set; } = "";
}
