using System.IO.Compression;

namespace MLNetMeta.Trainers.Images;

/// <summary>An image file in a folder or a zip archive.</summary>
/// <param name="Path">Path from the root of the folder or archive, with forward slashes.</param>
/// <param name="Pixels">Reads and scales it.</param>
internal sealed record ImageFile(string Path, Func<ImageShape, float[]> Pixels)
{
    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    /// <summary>The name of the folder that the file is in, from the root: its class.</summary>
    public string Folder => Path.Contains('/') ? Path[..Path.LastIndexOf('/')] : "";

    /// <summary>All images under a folder or in an archive, in the order of their paths; archives are read in place, one image at a time.</summary>
    /// <exception cref="FileNotFoundException">There is neither a folder nor a file of that name.</exception>
    /// <exception cref="FormatException">The file is not a zip archive.</exception>
    public static IEnumerable<ImageFile> In(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path) ? InFolder(path)
            : File.Exists(path) ? InArchive(path)
            : throw TrainerThrow.NoImages(path);
    }

    private static IEnumerable<ImageFile> InFolder(string root) =>
        from file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        where IsImage(file)
        select new ImageFile(System.IO.Path.GetRelativePath(root, file).Replace('\\', '/'), shape => PixelReader.Read(() => File.OpenRead(file), file, shape));

    private static IEnumerable<ImageFile> InArchive(string path)
    {
        using var archive = Open(path);
        foreach (var entry in archive.Entries.OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            if (IsImage(entry.FullName) && entry.Length > 0)
            {
                yield return new ImageFile(entry.FullName, shape => PixelReader.Read(entry.Open, $"{path}/{entry.FullName}", shape));
            }
        }
    }

    private static ZipArchive Open(string path)
    {
        try
        {
            return ZipFile.OpenRead(path);
        }
        catch (InvalidDataException damage)
        {
            throw TrainerThrow.NoArchive(path, damage);
        }
    }

    // macOS leaves files named "._x" beside the images it archives.
    private static bool IsImage(string path) =>
        _extensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) && !System.IO.Path.GetFileName(path).StartsWith("._", StringComparison.Ordinal);
}
