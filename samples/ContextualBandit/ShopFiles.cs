using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MLNetMeta.Samples;

/// <summary>The shops on disk, a file each: a line with the checksum of the rest, and JSON. Written beside its place and moved there, so that a kill leaves the old file or the new one.</summary>
internal sealed class ShopFiles
{
    private readonly string _folder;

    public ShopFiles(string folder)
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
    public string FileOf(string shop) => Path.Combine(_folder, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(shop)) + ".json");

    public void Write(ShopState state)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(state);
        var temporary = Path.Combine(_folder, $"{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew))
            {
                stream.Write(Checksum(json));
                stream.Write(json);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, FileOf(state.Shop), overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <returns>What is known of a shop; null where nothing is.</returns>
    /// <exception cref="SampleException">The file is damaged, of another version, or of other arms or contexts.</exception>
    public ShopState? Read(string shop, string[] arms, int features)
    {
        var path = FileOf(shop);
        if (!File.Exists(path))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(path);
        var header = Checksum([]).Length;
        if (bytes.Length < header || !bytes.AsSpan(0, header).SequenceEqual(Checksum(bytes.AsSpan(header))))
        {
            throw new SampleException($"The state file '{path}' of shop '{shop}' is damaged: its checksum does not fit. Restore it from a backup, or delete it to start the shop anew.");
        }

        if (Version(bytes.AsSpan(header)) is not ShopState.CurrentVersion and var version)
        {
            throw new SampleException(
                $"The state file '{path}' of shop '{shop}' has format version {version}; this program reads version {ShopState.CurrentVersion}. "
                + "Use the program that wrote it, or delete the file to start the shop anew.");
        }

        var state = JsonSerializer.Deserialize<ShopState>(bytes.AsSpan(header))!;
        if (!state.Arms.SequenceEqual(arms))
        {
            throw new SampleException(
                $"The state file '{path}' of shop '{shop}' is of the arms {string.Join(", ", state.Arms)}, the service has {string.Join(", ", arms)}. Use the same arms, or another --state.");
        }

        return state.Features == features
            ? state
            : throw new SampleException(
                $"The state file '{path}' of shop '{shop}' has contexts of {state.Features} elements, the learner takes {features}. Use a learner of the same contexts, or another --state.");
    }

    /// <summary>Read before anything else: another version may have another form.</summary>
    private static int Version(ReadOnlySpan<byte> json) => JsonDocument.Parse(json.ToArray()).RootElement.GetProperty(nameof(ShopState.Version)).GetInt32();

    private static byte[] Checksum(ReadOnlySpan<byte> json) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(json)) + "\n");
}
