namespace MLNetMeta.Transforms.Files;

/// <summary>
/// Writes a file next to its destination and moves it there when it is complete. A link stays a link, and the file behind it keeps its mode
/// and its owner.
/// </summary>
/// <remarks>
/// If a file cannot be replaced, it is written in place. This applies to a file that is mounted into a container, a file of another owner,
/// a file in a read-only folder, a device or a pipe. In this case a crash can leave a partial file.
/// </remarks>
internal static class AtomicFile
{
    private const string Suffix = ".tmp";

    // A process that was killed leaves its file behind. One that still writes holds a lock on it; the age covers the moments before it
    // takes the lock and after it returned it.
    private static readonly TimeSpan _abandoned = TimeSpan.FromSeconds(10);

    public static void Write(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        if (new FileInfo(target).LinkTarget is not null)
        {
            target = File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;
        }

        if (UnixFile.TryRead(target) is { IsRegular: false })
        {
            WriteInPlace(target, write);
            return;
        }

        DeleteAbandoned(target);
        var temporary = $"{target}.{Guid.NewGuid():N}{Suffix}";
        try
        {
            if (!TryCreate(temporary, exists: File.Exists(target), out var stream))
            {
                WriteInPlace(target, write);
                return;
            }

            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            if (!TryReplace(temporary, target))
            {
                using var content = File.OpenRead(temporary);
                WriteInPlace(target, content.CopyTo);
            }
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>If no file can be created, only an existing file can be written.</summary>
    private static bool TryCreate(string temporary, bool exists, out FileStream stream)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            // Readable by nobody else before it has the mode of the file that it replaces.
            if (exists && !OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            stream = new FileStream(temporary, options);
            return true;
        }
        catch (Exception exception) when (exists && exception is UnauthorizedAccessException or IOException && !IsFull(exception))
        {
            stream = null!;
            return false;
        }
    }

    private static bool TryReplace(string temporary, string target)
    {
        try
        {
            if (!File.Exists(target))
            {
                File.Move(temporary, target, overwrite: true);
            }
            else if (OperatingSystem.IsWindows())
            {
                File.Replace(temporary, target, destinationBackupFileName: null);
            }
            else if (UnixFile.TryTakeOwner(temporary, target))
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(target));
                File.Move(temporary, target, overwrite: true);
            }
            else
            {
                return false;
            }

            return true;
        }
        catch (Exception exception) when (
            exception is UnauthorizedAccessException or IOException && File.Exists(target) && !IsFull(exception))
        {
            return false;
        }
    }

    /// <summary>Opens an existing file, and writes to it only after its content is complete.</summary>
    private static void WriteInPlace(string target, Action<Stream> write)
    {
        using var content = new MemoryStream();
        write(content);
        using var stream = new FileStream(target, FileMode.Open, FileAccess.Write);
        stream.Write(content.GetBuffer().AsSpan(0, (int)content.Length));
        if (stream.CanSeek)
        {
            stream.SetLength(content.Length);
        }

        stream.Flush(flushToDisk: stream.CanSeek);
    }

    private static void DeleteAbandoned(string target)
    {
        var folder = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*" + Suffix))
        {
            if (!IsTemporary(file, target) || DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < _abandoned)
            {
                continue;
            }

            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None))
                {
                    File.Delete(file);
                }
            }
            catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
            {
                // In use, or another's: it stays.
            }
        }
    }

    private static bool IsTemporary(string file, string target) =>
        file.StartsWith(target + ".", StringComparison.Ordinal)
        && Guid.TryParseExact(file.AsSpan(target.Length + 1, file.Length - target.Length - 1 - Suffix.Length), "N", out _);

    // A full disk would break the old file too.
    private static bool IsFull(Exception exception) =>
        (exception.HResult & 0xFFFF) is 0x70 /* ERROR_DISK_FULL */ or 28 /* ENOSPC */ or 122 /* EDQUOT */;
}
