using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PersonalizationApi;

/// <summary>
/// Limits connections before a request arrives. Kestrel itself allows any number of connections, and two minutes of silence.
/// </summary>
internal static class ConnectionLimits
{
    public static void Set(KestrelServerLimits limits, Settings settings)
    {
        var rate = new MinDataRate(settings.MinBytesPerSecond, gracePeriod: TimeSpan.FromSeconds(10));
        (limits.MinRequestBodyDataRate, limits.MinResponseDataRate) = (rate, rate);
        limits.MaxRequestBodySize = settings.MaxBodyBytes;
        limits.MaxConcurrentConnections = settings.MaxConnections;
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
    }
}
