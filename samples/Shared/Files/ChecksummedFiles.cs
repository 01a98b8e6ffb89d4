using System.Security.Cryptography;
using System.Text;

namespace MLNetMeta.Samples;

/// <summary>Contents by name in a folder, a file each: a line with the checksum of the rest, and the content. Written beside its place and moved there, so that a kill leaves the old file or the new one.</summary>
internal sealed class ChecksummedFiles
{
    private readonly string _folder;

    public ChecksummedFiles(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        // What a kill left unfinished; nobody was told that it was kept.
        foreach (var file in Directory.EnumerateFiles(folder, "*.tmp"))
        {
            File.Delete(file);
        }
    }

    /// <summary>In hexadecimal: file systems differ in which names they take for the same.</summary>
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

    /// <returns>The content of a file that is there; null where its checksum does not fit.</returns>
    public byte[]? Read(string name)
    {
        var bytes = File.ReadAllBytes(FileOf(name));
        var header = Checksum([]).Length;
        return bytes.Length >= header && bytes.AsSpan(0, header).SequenceEqual(Checksum(bytes.AsSpan(header))) ? bytes[header..] : null;
    }

    private static byte[] Checksum(ReadOnlySpan<byte> content) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content)) + "\n");
}
