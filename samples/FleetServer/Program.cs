// The server of a fleet of apps. It serves the current revision of a learner, takes contributions, and merges them into the next revision:
//
//   dotnet run -c Release --project samples/FleetServer -- --learner learner.onnx --folder improving --tasks 32
using Microsoft.ML;
using MLNetMeta.Transforms;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var settings = builder.Configuration;
var app = builder.Build();
if (settings["learner"] is not { Length: > 0 } path)
{
    Console.Error.WriteLine("--learner must be the file of an improvable learner, meta-trained with Improvable = true.");
    return 1;
}

try
{
    var ml = new MLContext();
    using var learner = ml.MetaLearning().LoadLearner(path);
    using var improver = ml.MetaLearning().OpenImprover(settings["folder"] ?? "improving", learner, new ImproverOptions
    {
        TasksPerStep = settings.GetValue("tasks", 16),
        MaximumAge = settings.GetValue("maximum-age", 0),
        LearningRate = settings.GetValue<double?>("learning-rate"),
    });

    // The current revision; 304 if the app already has it.
    app.MapGet("/learner", (HttpContext context) =>
    {
        var current = improver.Current;
        var tag = $"\"{current.Number}\"";
        context.Response.Headers.ETag = tag;
        return context.Request.Headers.IfNoneMatch == tag
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Bytes(current.File, "application/octet-stream");
    });

    // An answer of 200 is an acknowledgement: the contribution is on disk.
    app.MapPost("/contributions", async (HttpRequest request, CancellationToken cancellation) =>
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellation);
        body.Position = 0;
        try
        {
            var receipt = improver.Add(body);
            improver.TryImprove();
            return Results.Json(
                receipt, statusCode: receipt.IsAcknowledged ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
        }
        catch (Exception failure) when (failure is FormatException or NotSupportedException)
        {
            return Results.Problem(failure.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    });

    app.MapGet("/status", () => new
    {
        revision = improver.Current.Number, pendingTasks = improver.PendingTasks, mergedTasks = improver.MergedTasks,
    });

    app.Run();
    return 0;
}
catch (Exception failure) when (failure is IOException or FormatException or NotSupportedException or ArgumentException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
