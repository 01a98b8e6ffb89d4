using System.Security.Cryptography;
using System.Text;

namespace MLNetMeta.Samples;

/// <summary>
/// Stores contents by name in a folder, one file per name. The first line of a file is the checksum of the rest; the rest is the content. A
/// file is written under a temporary name and then moved, so that a kill leaves either the old or the new file.
/// </summary>
/// <remarks>It locks the folder: a second instance, in this or another process, is refused until this one is disposed.</remarks>
internal sealed class ChecksummedFiles : IDisposable
{
    /// <summary>Longest name, in bytes of UTF-8. Two characters for each byte and an ending must be a valid file name.</summary>
    public const int MaximumNameBytes = 120;

    private readonly string _folder;
    private readonly FileStream _lock;

    /// <exception cref="IOException">The folder is in use, or cannot be used.</exception>
    public ChecksummedFiles(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        _lock = Lock(folder);
        // Delete files that a kill left unfinished. They were never acknowledged.
        foreach (var file in Directory.EnumerateFiles(folder, "*.tmp"))
        {
            File.Delete(file);
        }
    }

    /// <summary>The name in hexadecimal, because file systems differ in which names they treat as equal.</summary>
    public string FileOf(string name) => Path.Combine(_folder, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(name)) + ".json");

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        var temporary = Path.Combine(_folder, $"{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew))
            {
                stream.Write(Checksum(content));
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, FileOf(name), overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <returns>The content of an existing file; null if its checksum is wrong.</returns>
    public byte[]? Read(string name)
    {
        var bytes = File.ReadAllBytes(FileOf(name));
        var header = Checksum([]).Length;
        return bytes.Length >= header && bytes.AsSpan(0, header).SequenceEqual(Checksum(bytes.AsSpan(header))) ? bytes[header..] : null;
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string folder)
    {
        var path = Path.Combine(folder, ".lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new IOException(
                $"The folder '{folder}' is in use by another process, or cannot be used: {exception.Message} Only one process "
                + "can use a folder: end the other, or choose another folder.", exception);
        }
    }

    private static byte[] Checksum(ReadOnlySpan<byte> content) =>
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content)) + "\n");
}
