using Microsoft.ML;

namespace MLNetMeta.Transforms.Files;

/// <summary>A temporary folder that nobody but this user can open, for the files that stock components want; gone after
/// <see cref="Dispose"/>.</summary>
internal sealed class PrivateFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="context">Whose temporary files go where its <see cref="MLContext.TempFilePath"/> says.</param>
    public PrivateFolder(MLContext context)
    {
        Path = System.IO.Path.Combine(context.TempFilePath, $"mlnetmeta-{Guid.NewGuid():N}");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path); // Windows gives it the rights of the temporary folder, which is the user's own.
        }
        else
        {
            Directory.CreateDirectory(Path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    public string Path { get; }

    /// <summary>Writes a file.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = System.IO.Path.Combine(Path, name);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var stream = new FileStream(path, options);
        stream.Write(content);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
