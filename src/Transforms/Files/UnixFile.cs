using System.Runtime.InteropServices;

namespace MLNetMeta.Transforms.Files;

/// <summary>Information about a file on Linux that .NET does not provide: whether it is an ordinary file, and who owns it.</summary>
internal static partial class UnixFile
{
    /// <param name="IsRegular">False for a device, a pipe, a folder.</param>
    /// <param name="User">Number of the user who owns the file.</param>
    /// <param name="Group">Number of its group.</param>
    public readonly record struct Status(bool IsRegular, uint User, uint Group);

    /// <summary>The status of a file, behind links; null when there is none, and on other systems.</summary>
    public static Status? TryRead(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return statx(CurrentFolder, path, flags: 0, Needed, out var status) == 0
                ? new((status.Mode & FileType) == RegularFile, status.User, status.Group)
                : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // A C library of before 2018.
        }
    }

    /// <summary>Gives a file to the owner of another.</summary>
    /// <returns>False when this process may not.</returns>
    public static bool TryTakeOwner(string file, string other) =>
        TryRead(other) is not { } owner || TryRead(file) is not { } now || (now.User, now.Group) == (owner.User, owner.Group)
        || chown(file, owner.User, owner.Group) == 0;

    private const int CurrentFolder = -100;
    private const uint Needed = 0x1 | 0x2 | 0x8 | 0x10; // type, mode, user, group
    private const ushort FileType = 0xF000, RegularFile = 0x8000;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, out NativeStatus status);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);

    /// <summary>The beginning of <c>struct statx</c>, the same on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct NativeStatus
    {
        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;
    }
}
