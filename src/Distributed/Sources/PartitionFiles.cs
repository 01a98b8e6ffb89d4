using MLNetMeta.Distributed.Errors;

namespace MLNetMeta.Distributed.Sources;

/// <summary>What all sources of files have in common.</summary>
internal static class PartitionFiles
{
    /// <summary>The column of the features.</summary>
    public const string Features = "Features";

    /// <summary>The files of a folder that end so, in the order of their names.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static string[] Of(string folder, string extension)
    {
        var pattern = "*." + extension;
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)] : [];
        return files.Length > 0 ? files : throw ClusterThrow.NoPartitions(folder, pattern);
    }
}
