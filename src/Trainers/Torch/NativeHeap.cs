using System.Runtime.InteropServices;

namespace MLNetMeta.Trainers.Torch;

/// <summary>The C library's heap, from which libtorch takes its tensors on Linux.</summary>
internal static partial class NativeHeap
{
    private const int TrimThreshold = -1, MapThreshold = -3;

    // The most that the C library accepts: half of the heap of a thread.
    private const int LargestBlock = 32 << 20;

    private const int MostKept = 256 << 20;

    /// <summary>
    /// Lets the main heap keep up to 256 MiB of freed memory, and the heap of a thread its 64 MiB, for the next tensors of up to 32 MiB. A
    /// meta-step frees what the next one needs again: by default the C library returns it to the system, which clears every page of it
    /// anew. That took up to a third of a meta-step on images.
    /// </summary>
    /// <remarks>
    /// Does nothing where the user has set the C library's own variables, on other systems, or with another C library.
    /// </remarks>
    /// <param name="variables">Names of the environment variables that are set.</param>
    /// <returns>Whether the setting was made.</returns>
    public static bool KeepFreedMemory(IEnumerable<string> variables)
    {
        if (!OperatingSystem.IsLinux() || variables.Any(name =>
            name == "GLIBC_TUNABLES" || name.StartsWith("MALLOC_", StringComparison.Ordinal)))
        {
            return false;
        }

        try
        {
            return SetOption(MapThreshold, LargestBlock) == 1 && SetOption(TrimThreshold, MostKept) == 1;
        }
        catch (Exception failure) when (failure is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
