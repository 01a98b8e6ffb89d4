using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using MLNetMeta.Samples;

namespace PersonalizationApi;

/// <summary>Returns errors as problem details (RFC 9457). Details of internal errors are logged, not returned to the caller.</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems, Settings settings, AppMetrics metrics) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            ApiException api => (api.Status, api.Message),
            BadHttpRequestException bad => (bad.StatusCode, Describe(bad, httpContext)),
            _ => (StatusCodes.Status500InternalServerError, "The request failed inside the service; its log says why."),
        };
        metrics.Error(status);
        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = new ProblemDetails { Status = status, Detail = detail },
        });
    }

    /// <summary>The error that ASP.NET Core found, without the names of our types in its messages.</summary>
    private string Describe(BadHttpRequestException bad, HttpContext context)
    {
        var form = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.Metadata.GetMetadata<BodyForm>()?.Example;
        return (bad.StatusCode, bad.InnerException) switch
        {
            (StatusCodes.Status413PayloadTooLarge, _) => $"A request may have at most {settings.MaxBodyBytes} bytes.",
            (StatusCodes.Status408RequestTimeout, _) => $"The body arrived more slowly than {settings.MinBytesPerSecond} bytes per second.",
            (StatusCodes.Status415UnsupportedMediaType, _) => $"The body must be of type application/json: {form}",
            (_, JsonException json) =>
                $"The body is not the JSON expected, at {Excerpt.Of(json.Path ?? "$")} (line {json.LineNumber + 1}, byte "
                + $"{json.BytePositionInLine + 1}): expected {form}",
            _ => form is null ? "The request is invalid." : $"The request has no readable body: expected {form}",
        };
    }
}
