using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace PersonalizationApi;

/// <summary>Answers errors as problem details (RFC 9457). What went wrong inside is logged, not told.</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems, AppMetrics metrics) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            ApiException api => (api.Status, api.Message),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } bad => (bad.StatusCode, bad.Message),
            BadHttpRequestException { InnerException: System.Text.Json.JsonException json } bad => (bad.StatusCode, json.Message),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
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
}
