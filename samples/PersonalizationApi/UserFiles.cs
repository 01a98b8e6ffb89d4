using System.Text.Json;
using MLNetMeta.Samples;

namespace PersonalizationApi;

/// <summary>
/// The users' labelled rows on disk, one file per user. The rows survive a restart, and a better learner can learn from them again. A file
/// with a wrong checksum is renamed to <c>*.damaged</c>.
/// </summary>
internal sealed partial class UserFiles : IDisposable
{
    private const int CurrentVersion = 1;

    private readonly ChecksummedFiles _files;
    private readonly ILogger<UserFiles> _log;

    public UserFiles(Settings settings, ILogger<UserFiles> log) => (_files, _log) = (new ChecksummedFiles(settings.Folder), log);

    private sealed record Content(int Version, string User, SupportRow[] Rows);

    public void Write(UserName user, SupportRow[] rows) =>
        _files.Write(user.Key, JsonSerializer.SerializeToUtf8Bytes(new Content(CurrentVersion, user.Key, rows)));

    /// <returns>The user's rows; null when there are none.</returns>
    /// <exception cref="ApiException">The file is damaged or has a newer version.</exception>
    public SupportRow[]? Read(UserName user)
    {
        var path = _files.FileOf(user.Key);
        if (!File.Exists(path))
        {
            return null;
        }

        if (Parse(_files.Read(user.Key)) is not { } content || content.User != user.Key)
        {
            var aside = $"{path}.{DateTime.UtcNow:yyyyMMddHHmmssfff}.damaged";
            File.Move(path, aside, overwrite: true);
            LogDamaged(user.Key, aside);
            throw new ApiException(
                StatusCodes.Status410Gone,
                $"The stored task of user '{user}' is damaged and was set aside: learn again.");
        }
        if (content.Version > CurrentVersion)
        {
            throw new ApiException(StatusCodes.Status409Conflict,
                $"The stored task of user '{user}' was written by a newer version of this service (format {content.Version}, supported "
                + $"{CurrentVersion}): update the service, or learn again.");
        }
        return content.Rows;
    }

    /// <returns>Whether there was a file to delete.</returns>
    public bool Delete(UserName user)
    {
        var existed = File.Exists(_files.FileOf(user.Key));
        File.Delete(_files.FileOf(user.Key));
        return existed;
    }

    public void Dispose() => _files.Dispose();

    private static Content? Parse(byte[]? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<Content>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The stored task of user {User} is damaged; set aside as {File}")]
    private partial void LogDamaged(string user, string file);
}
