using System.IO.Compression;
using MLNetMeta.Trainers.Errors;

namespace MLNetMeta.Trainers.Tasks;

/// <summary>An image file in a folder or a zip archive.</summary>
/// <param name="Path">Path from the root of the folder or archive, with forward slashes.</param>
/// <param name="Pixels">Reads and scales it.</param>
internal sealed record ImageFile(string Path, Func<ImageShape, float[]> Pixels)
{
    private static readonly string[] _extensions = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"];

    // The type of a file in the mode of Unix, which zip archives keep in the upper half of the attributes.
    private const int TypeOfFile = 0xF000;
    private const int SymbolicLink = 0xA000;

    /// <summary>The name of the folder that the file is in, from the root: its class.</summary>
    public string Folder => Path.Contains('/') ? Path[..Path.LastIndexOf('/')] : "";

    /// <summary>
    /// All images under a folder or in an archive, in the order of their paths; archives are read in place,
    /// one image at a time. Symbolic links are not followed.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is neither a folder nor a file of that name.</exception>
    /// <exception cref="FormatException">The file is not a zip archive.</exception>
    /// <exception cref="InvalidOperationException">There are more images, or deeper folders, than allowed.</exception>
    public static IEnumerable<ImageFile> In(string path, ImageLimits limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path) ? InFolder(path, limits)
            : File.Exists(path) ? InArchive(path, limits)
            : throw TrainerThrow.NoImages(path);
    }

    private static IEnumerable<ImageFile> InFolder(string root, ImageLimits limits) =>
        from file in Allowed(ImagesUnder(new DirectoryInfo(root), limits.MaximumDepth), root, limits).Order(StringComparer.Ordinal)
        select new ImageFile(
            System.IO.Path.GetRelativePath(root, file).Replace('\\', '/'),
            shape => PixelReader.Read(ImageBytes.OfFile(file, limits), file, shape, limits));

    private static IEnumerable<string> ImagesUnder(DirectoryInfo folder, int depth)
    {
        foreach (var found in folder.EnumerateFileSystemInfos())
        {
            // A link may lead to a folder that it is in, to the same images twice, or nowhere.
            if (found.Attributes.HasFlag(FileAttributes.ReparsePoint) && found.LinkTarget is not null)
            {
                continue;
            }

            if (found is not DirectoryInfo inner)
            {
                if (IsImage(found.FullName))
                {
                    yield return found.FullName;
                }

                continue;
            }

            if (depth == 0)
            {
                throw TrainerThrow.TooDeep(inner.FullName);
            }

            foreach (var file in ImagesUnder(inner, depth - 1))
            {
                yield return file;
            }
        }
    }

    private static IEnumerable<ImageFile> InArchive(string path, ImageLimits limits)
    {
        using var archive = Open(path);
        var images = Allowed(
            archive.Entries.Where(e => IsImage(e.FullName) && ((e.ExternalAttributes >> 16) & TypeOfFile) != SymbolicLink), path, limits);
        foreach (var entry in images.OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            var name = $"{path}/{entry.FullName}";
            if (entry.FullName.Count(c => c == '/') > limits.MaximumDepth)
            {
                throw TrainerThrow.TooDeep(name);
            }

            yield return new ImageFile(
                entry.FullName, shape => PixelReader.Read(ImageBytes.OfEntry(entry, name, limits), name, shape, limits));
        }
    }

    private static IEnumerable<T> Allowed<T>(IEnumerable<T> images, string path, ImageLimits limits) =>
        images.Select((image, index) => index < limits.MaximumFiles ? image : throw TrainerThrow.TooManyImages(path, limits.MaximumFiles));

    private static ZipArchive Open(string path)
    {
        ZipArchive? archive = null;
        try
        {
            archive = ZipFile.OpenRead(path);
            // Only now is the list of entries read.
            _ = archive.Entries;
            return archive;
        }
        catch (InvalidDataException damage)
        {
            archive?.Dispose();
            throw TrainerThrow.NoArchive(path, damage);
        }
    }

    // macOS leaves files named "._x" beside the images it archives.
    private static bool IsImage(string path) =>
        _extensions.Contains(System.IO.Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
            && !System.IO.Path.GetFileName(path).StartsWith("._", StringComparison.Ordinal);
}
