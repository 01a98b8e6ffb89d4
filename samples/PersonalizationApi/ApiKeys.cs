using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace PersonalizationApi;

/// <summary>
/// Finds the calling tenant by the key in the request. Replace this class by the authentication of your app; the service only needs
/// <see cref="TenantOf"/>. Off if the settings have no keys.
/// </summary>
internal static partial class ApiKeys
{
    private const string Header = "X-Api-Key";

    private const int MinKeyLength = 16;

    /// <summary>The tenant of a request. Users of different tenants are different users. Empty if there are no keys.</summary>
    public static string TenantOf(HttpContext context) => context.Items[typeof(ApiKeys)] as string ?? "";

    /// <exception cref="ValidationException">A tenant's name or key cannot be used.</exception>
    public static void UseApiKeys(this WebApplication app, IReadOnlyDictionary<string, string> keys)
    {
        if (keys.Count == 0)
        {
            LogOff(app.Logger);
            return;
        }
        if (keys.FirstOrDefault(pair => !TenantPattern().IsMatch(pair.Key) || pair.Value.Length < MinKeyLength) is { Key: { } wrong })
        {
            throw new ValidationException(
                $"ApiKeys: tenant '{wrong}' needs a name of 1 to 32 letters (a to z), digits, '-' and '_', and a key of at least "
                + $"{MinKeyLength} characters.");
        }
        if (keys.Values.Distinct().Count() < keys.Count)
        {
            throw new ValidationException("ApiKeys: two tenants have the same key.");
        }

        // Keys are looked up by their hashes, so that the time of a look-up reveals nothing about a key.
        var tenants = keys.ToDictionary(pair => Hash(pair.Value), pair => pair.Key);
        app.Use((context, next) =>
        {
            if (context.Request.Path != "/health" && context.Request.Path != "/metrics")
            {
                context.Items[typeof(ApiKeys)] = tenants.GetValueOrDefault(Hash(context.Request.Headers[Header].ToString()))
                    ?? throw new ApiException(StatusCodes.Status401Unauthorized, $"The header {Header} must hold the key of a tenant.");
            }
            return next(context);
        });
    }

    private static string Hash(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,32}\z")]
    private static partial Regex TenantPattern();

    [LoggerMessage(Level = LogLevel.Warning, Message = "No ApiKeys are set: anyone who reaches this service can act as any user")]
    private static partial void LogOff(ILogger logger);
}
