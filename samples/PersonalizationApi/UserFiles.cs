using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace PersonalizationApi;

/// <summary>
/// The users' labelled rows on disk, one file per user: what a user taught survives the process, and a better learner can learn it anew.
/// A file is a line with the checksum of the rest, and JSON. It is written beside its place and moved there, so a kill leaves the old file
/// or the new one. A file that fails its checksum is set aside as <c>*.damaged</c>.
/// </summary>
internal sealed partial class UserFiles
{
    private const int CurrentVersion = 1;

    private readonly string _folder;
    private readonly ILogger<UserFiles> _log;

    public UserFiles(Settings settings, ILogger<UserFiles> log)
    {
        (_folder, _log) = (settings.Folder, log);
        Directory.CreateDirectory(_folder);
        // What a kill left unfinished; nobody was told that it was learned.
        foreach (var file in Directory.EnumerateFiles(_folder, "*.tmp"))
            File.Delete(file);
    }

    private sealed record Content(int Version, string User, SupportRow[] Rows);

    public void Write(string user, SupportRow[] rows)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Content(CurrentVersion, user, rows));
        var temporary = Path.Combine(_folder, $"{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew))
            {
                stream.Write(Checksum(json));
                stream.Write(json);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, FileOf(user), overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <returns>The user's rows; null when there are none.</returns>
    /// <exception cref="ApiException">The file is damaged, or of a newer version.</exception>
    public SupportRow[]? Read(string user)
    {
        var path = FileOf(user);
        if (!File.Exists(path))
            return null;
        var bytes = File.ReadAllBytes(path);
        if (Parse(bytes) is not { } content || content.User != user)
        {
            var aside = $"{path}.{DateTime.UtcNow:yyyyMMddHHmmssfff}.damaged";
            File.Move(path, aside, overwrite: true);
            LogDamaged(user, aside);
            throw new ApiException(
                StatusCodes.Status410Gone, $"What user '{user}' had learned was found damaged on disk and has been set aside: learn again.");
        }
        if (content.Version > CurrentVersion)
        {
            throw new ApiException(StatusCodes.Status409Conflict,
                $"What user '{user}' has learned was stored by a newer version of this service (format {content.Version}, known "
                + $"{CurrentVersion}): update the service, or learn again.");
        }
        return content.Rows;
    }

    /// <returns>Whether there was something to delete.</returns>
    public bool Delete(string user)
    {
        var existed = File.Exists(FileOf(user));
        File.Delete(FileOf(user));
        return existed;
    }

    /// <summary>In hexadecimal: file systems differ in which names they take for the same.</summary>
    private string FileOf(string user) => Path.Combine(_folder, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(user)) + ".json");

    private static Content? Parse(ReadOnlySpan<byte> bytes)
    {
        var header = Checksum([]).Length;
        if (bytes.Length < header || !bytes[..header].SequenceEqual(Checksum(bytes[header..])))
            return null;
        try
        {
            return JsonSerializer.Deserialize<Content>(bytes[header..]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Checksum(ReadOnlySpan<byte> json) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(json)) + "\n");

    [LoggerMessage(Level = LogLevel.Error, Message = "The stored task of user {User} is damaged; set aside as {File}")]
    private partial void LogDamaged(string user, string file);
}
