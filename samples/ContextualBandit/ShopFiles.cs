using System.Text.Json;

namespace MLNetMeta.Samples;

/// <summary>The shops on disk, one file per shop.</summary>
internal sealed class ShopFiles(string folder) : IDisposable
{
    private readonly ChecksummedFiles _files = new(folder);

    public string FileOf(string shop) => _files.FileOf(shop);

    public void Write(ShopState state) => _files.Write(state.Shop, JsonSerializer.SerializeToUtf8Bytes(state));

    /// <returns>The state of a shop; null if there is none.</returns>
    /// <exception cref="SampleException">The file is damaged, or has another version, other arms or other contexts.</exception>
    public ShopState? Read(string shop, string[] arms, int features)
    {
        var path = FileOf(shop);
        if (!File.Exists(path))
        {
            return null;
        }

        if (_files.Read(shop) is not { } json)
        {
            throw new SampleException(
                $"The state file '{path}' of shop '{shop}' is damaged: its checksum is wrong. Restore it from a backup, or delete "
                + "it to start the shop anew.");
        }

        if (Version(json) is not (>= 1 and <= ShopState.CurrentVersion) and var version)
        {
            throw new SampleException(
                $"The state file '{path}' of shop '{shop}' has format version {version}; this program reads versions up to "
                + $"{ShopState.CurrentVersion}. "
                + "Use the program that wrote it, or delete the file to start the shop anew.");
        }

        var state = JsonSerializer.Deserialize<ShopState>(json)!;
        if (!state.Arms.SequenceEqual(arms))
        {
            throw new SampleException(
                $"The state file '{path}' of shop '{shop}' has the arms {string.Join(", ", state.Arms)}, but the service has "
                + $"{string.Join(", ", arms)}. Use the same arms, or another --state.");
        }

        return state.Features == features
            ? state with { Version = ShopState.CurrentVersion }
            : throw new SampleException(
                $"The state file '{path}' of shop '{shop}' has contexts of {state.Features} elements, but the learner takes {features}. "
                + "Use a learner with the same contexts, or another --state.");
    }

    public void Dispose() => _files.Dispose();

    /// <summary>Read first, because another version may have another format.</summary>
    private static int Version(byte[] json) => JsonDocument.Parse(json).RootElement.GetProperty(nameof(ShopState.Version)).GetInt32();
}
