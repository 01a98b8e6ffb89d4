using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using Microsoft.ML;
using MLNetMeta.Transforms;

namespace PersonalizationApi;

/// <summary>The web application: services, limits, endpoints.</summary>
internal static class PersonalizationService
{
    /// <exception cref="ValidationException">A setting is out of its range.</exception>
    /// <exception cref="FileNotFoundException">There is no learner file.</exception>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var settings = builder.Configuration.GetSection("Personalization").Get<Settings>() ?? new Settings();
        if (builder.Configuration["learner"] is { Length: > 0 } path)
            settings = settings with { Learner = path };
        Validator.ValidateObject(settings, new ValidationContext(settings), validateAllProperties: true);
        if (!File.Exists(settings.Learner))
            throw new FileNotFoundException($"There is no learner file '{settings.Learner}'.", settings.Learner);

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = settings.MaxBodyBytes);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(new MLContext());
        builder.Services.AddSingleton(services => services.GetRequiredService<MLContext>().MetaLearning().LoadLearner(
            settings.Learner, new Learner.Options { ExecutionProvider = ExecutionProvider.Parse(settings.ExecutionProvider) }));
        builder.Services.AddSingleton<AppMetrics>().AddSingleton<UserFiles>().AddSingleton<UserTasks>().AddSingleton<UserModels>();
        builder.Services.AddSingleton<RequestChecks>();
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context => context.ProblemDetails.Detail ??=
            context.ProblemDetails.Status switch
            {
                StatusCodes.Status413PayloadTooLarge => $"A request has at most {settings.MaxBodyBytes} bytes.",
                StatusCodes.Status503ServiceUnavailable => "Too many requests at once: try again later.",
                _ => null,
            });
        builder.Services.AddExceptionHandler<ProblemHandler>();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, bool>(_ =>
                RateLimitPartition.GetConcurrencyLimiter(true, _ => new ConcurrencyLimiterOptions { PermitLimit = settings.MaxConcurrentRequests }));
        });

        var app = builder.Build();
        app.Services.GetRequiredService<UserModels>(); // Now, not at the first request: a damaged learner or folder ends the start.
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            SuppressDiagnosticsCallback = context => context.Exception is ApiException or BadHttpRequestException,
        });
        app.UseStatusCodePages();
        app.UseRateLimiter();
        Map(app);
        return app;
    }

    private static void Map(WebApplication app)
    {
        app.MapPost("/users/{user}/learn", async (
            string user, LearnRequest request, RequestChecks checks, UserModels models, AppMetrics metrics, CancellationToken cancellation) =>
        {
            RequestChecks.CheckUser(user);
            checks.Check(request);
            var start = Stopwatch.GetTimestamp();
            var classes = await models.LearnAsync(user, request.Rows, cancellation);
            var elapsed = Stopwatch.GetElapsedTime(start);
            metrics.Learned(elapsed);
            return new LearnResponse(user, request.Rows.Length, classes, elapsed.TotalMilliseconds);
        });

        app.MapPost("/users/{user}/predict", async (
            string user, PredictRequest request, RequestChecks checks, UserModels models, UserTasks tasks, AppMetrics metrics,
            CancellationToken cancellation) =>
        {
            RequestChecks.CheckUser(user);
            checks.Check(request);
            var start = Stopwatch.GetTimestamp();
            var predictions = await models.UseAsync(user, model => tasks.Predict(model, request.Rows), cancellation);
            metrics.Predicted(request.Rows.Length, Stopwatch.GetElapsedTime(start));
            return new PredictResponse(user, predictions);
        });

        app.MapGet("/users/{user}/model.onnx", async (string user, UserModels models, CancellationToken cancellation) =>
        {
            RequestChecks.CheckUser(user);
            var onnx = await models.UseAsync(user, model =>
            {
                using var stream = new MemoryStream();
                model.SaveAsOnnx(stream);
                return stream.ToArray();
            }, cancellation);
            return Results.Bytes(onnx, "application/octet-stream", $"{user}.onnx");
        });

        app.MapDelete("/users/{user}", async (string user, UserModels models, CancellationToken cancellation) =>
        {
            RequestChecks.CheckUser(user);
            return await models.ForgetAsync(user, cancellation) ? Results.NoContent() : throw ApiException.UnknownUser(user);
        });

        app.MapGet("/health", (Learner learner) => new
        {
            status = "healthy",
            learner = learner.Kind,
            task = learner.Task.ToString(),
            features = learner.FeatureCount,
            executionProvider = learner.ExecutionProvider.ToString(),
        }).DisableRateLimiting();

        app.MapGet("/metrics", (AppMetrics metrics, UserModels models) => metrics.Report(models.Count)).DisableRateLimiting();
    }
}
