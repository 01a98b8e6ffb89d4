using System.Runtime.InteropServices;

namespace MLNetMeta.Trainers.Torch;

/// <summary>The C library's heap, from which libtorch takes its tensors on Linux.</summary>
internal static partial class NativeHeap
{
    private const int TrimThreshold = -1, MapThreshold = -3;

    // The most that the C library accepts: half of the heap of a thread.
    private const int LargestBlock = 32 << 20;

    private const int LargestRest = 256 << 20;

    private static readonly string[] _settingsOfTheUser =
        ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_", "GLIBC_TUNABLES"];

    /// <summary>
    /// Keeps up to 256 MiB of freed memory for the next tensors, and takes tensors of up to 32 MiB from it. A meta-step frees what the next
    /// one needs again: by default the C library returns it to the system, which clears every page of it anew. That took up to half of a
    /// meta-step on images.
    /// </summary>
    /// <remarks>
    /// Does nothing where the user has set the C library's own variables, on other systems, or with another C library.
    /// </remarks>
    /// <returns>Whether the setting was made.</returns>
    public static bool KeepFreedMemory()
    {
        if (!OperatingSystem.IsLinux() || Array.Exists(_settingsOfTheUser, name => Environment.GetEnvironmentVariable(name) is not null))
        {
            return false;
        }

        try
        {
            return SetOption(MapThreshold, LargestBlock) == 1 && SetOption(TrimThreshold, LargestRest) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
