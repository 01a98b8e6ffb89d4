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
    /// <exception cref="FormatException">The learner file is damaged.</exception>
    /// <exception cref="InvalidDataException">The learner does not run.</exception>
    /// <exception cref="IOException">The folder is in use by another process, or cannot be used.</exception>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        var settings = builder.Configuration.GetSection("Personalization").Get<Settings>() ?? new Settings();
        if (builder.Configuration["learner"] is { Length: > 0 } path)
        {
            settings = settings with { Learner = path };
        }

        Validator.ValidateObject(settings, new ValidationContext(settings), validateAllProperties: true);
        if (!File.Exists(settings.Learner))
        {
            throw new FileNotFoundException($"There is no learner file '{settings.Learner}'.", settings.Learner);
        }

        builder.WebHost.ConfigureKestrel(kestrel => ConnectionLimits.Set(kestrel.Limits, settings));
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(_ => new MLContext().MetaLearning().LoadLearner(
            settings.Learner,
            new Learner.Options { ExecutionProvider = ExecutionProvider.Parse(settings.ExecutionProvider), CreateSessionsOnLoad = true }));
        builder.Services.AddSingleton<AppMetrics>().AddSingleton<UserFiles>().AddSingleton<UserTasks>().AddSingleton<UserModels>();
        builder.Services.AddSingleton<RequestChecks>().AddSingleton<MemoryBudget>().AddScoped<MemoryShare>();
        builder.Services.AddSingleton(
            _ => new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = settings.MaxConcurrentRequests }));
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            var problem = context.ProblemDetails;
            if (problem.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            {
                context.HttpContext.Response.Headers.RetryAfter = "1";
            }

            if (problem.Status == StatusCodes.Status429TooManyRequests)
            {
                problem.Detail ??= $"A user may send at most {settings.MaxRequestsPerUser} requests at once: try again later.";
            }
        });
        builder.Services.AddExceptionHandler<ProblemHandler>();
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectNullableAnnotations = true;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.AllowDuplicateProperties = false;
        });
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (UserName?, string?)>(
                context => RateLimitPartition.GetConcurrencyLimiter(
                UserName.Find(context) is { } user ? (user, null) : ((UserName?)null, context.Connection.RemoteIpAddress?.ToString()),
                _ => new ConcurrencyLimiterOptions { PermitLimit = settings.MaxRequestsPerUser }));
        });

        var app = builder.Build();
        try
        {
            // Check this now and not at the first request: if the learner does not run, or the folder cannot be used, the start fails.
            app.Services.GetRequiredService<UserTasks>().TryLearner();
            app.Services.GetRequiredService<UserModels>();
            app.UseExceptionHandler(new ExceptionHandlerOptions
            {
                SuppressDiagnosticsCallback = context => context.Exception is ApiException or BadHttpRequestException,
            });
            app.UseStatusCodePages();
            app.UseApiKeys(settings.ApiKeys);
            app.UseRateLimiter();
            app.Use(BufferBody);
            Map(app);
            return app;
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
    }

    /// <summary>
    /// Reads the body before any work begins. A slow body then occupies only its connection and the received bytes, and does not block
    /// other requests.
    /// </summary>
    private static async Task BufferBody(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<BodyForm>() is not null)
        {
            var share = context.RequestServices.GetRequiredService<MemoryShare>();
            var (buffer, chunk) = (new MemoryStream(), new byte[8192]);
            while (await context.Request.Body.ReadAsync(chunk, context.RequestAborted) is > 0 and var read)
            {
                share.Take(read);
                buffer.Write(chunk, 0, read);
            }
            buffer.Position = 0;
            context.Request.Body = buffer;
        }
        await next(context);
    }

    private static void Map(WebApplication app)
    {
        var learner = app.Services.GetRequiredService<Learner>();
        app.MapPost("/users/{user}/learn", async (
            UserName owner, LearnRequest request, RequestChecks checks, UserModels models, AppMetrics metrics,
            CancellationToken cancellation) =>
        {
            checks.Check(request);
            var start = Stopwatch.GetTimestamp();
            var classes = await models.LearnAsync(owner, request.Rows, cancellation);
            var elapsed = Stopwatch.GetElapsedTime(start);
            metrics.Learned(elapsed);
            return new LearnResponse(owner.Name, request.Rows.Length, classes, elapsed.TotalMilliseconds);
        }).WithMetadata(new BodyForm(learner.Task == MetaTask.Regression
            ? """{"rows":[{"features":[0.5,…],"targets":[0.5,…]},…]}""" : """{"rows":[{"features":[0.5,…],"label":"…"},…]}"""));

        app.MapPost("/users/{user}/predict", async (
            UserName owner, PredictRequest request, RequestChecks checks, UserModels models, UserTasks tasks, MemoryShare share,
            AppMetrics metrics,
            CancellationToken cancellation) =>
        {
            checks.Check(request);
            var start = Stopwatch.GetTimestamp();
            var predictions = await models.UseAsync(owner, model =>
            {
                checks.CheckAnswer(request.Rows.Length, model.Classes);
                share.Take((long)request.Rows.Length * (learner.OutputCount ?? model.Classes.Count) * sizeof(float));
                return tasks.Predict(model, request.Rows);
            }, cancellation);
            metrics.Predicted(request.Rows.Length, Stopwatch.GetElapsedTime(start));
            return new PredictResponse(owner.Name, predictions);
        }).WithMetadata(new BodyForm("""{"rows":[[0.5,…],…]}"""));

        app.MapGet(
            "/users/{user}/model.onnx", async (UserName owner, UserModels models, MemoryShare share, CancellationToken cancellation) =>
        {
            var onnx = await models.UseAsync(owner, model =>
            {
                using var stream = new MemoryStream();
                model.SaveAsOnnx(stream);
                share.Take(stream.Length);
                return stream.ToArray();
            }, cancellation);
            return Results.Bytes(onnx, "application/octet-stream", $"{owner.Name}.onnx");
        });

        app.MapDelete("/users/{user}", async (UserName owner, UserModels models, CancellationToken cancellation) =>
            await models.ForgetAsync(owner, cancellation) ? Results.NoContent() : throw ApiException.UnknownUser(owner));

        app.MapGet("/health", () => new
        {
            status = "healthy",
            learner = learner.Kind,
            task = learner.Task.ToString(),
            features = learner.FeatureCount,
            executionProvider = learner.ExecutionProvider.ToString(),
        }).DisableRateLimiting();

        app.MapGet(
            "/metrics",
            (AppMetrics metrics, UserModels models, MemoryBudget budget) =>
                metrics.Report(models.Count, budget.Taken)).DisableRateLimiting();
    }
}
