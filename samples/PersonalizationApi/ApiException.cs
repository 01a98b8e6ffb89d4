namespace PersonalizationApi;

/// <summary>A request that cannot be served. The message gives the reason and is returned to the caller.</summary>
internal sealed class ApiException(int status, string message, Exception? inner = null) : Exception(message, inner)
{
    public int Status => status;

    public static ApiException Invalid(string message, Exception? inner = null) =>
        new(StatusCodes.Status422UnprocessableEntity, message, inner);

    public static ApiException Busy() => new(StatusCodes.Status503ServiceUnavailable, "Too many requests at once: try again later.");

    public static ApiException UnknownUser(UserName user) => new(
        StatusCodes.Status404NotFound, $"User '{user}' has learned nothing yet: POST labelled rows to /users/{user}/learn first.");
}
