using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MLNetMeta.Trainers.Errors;
using TorchSharp;

namespace MLNetMeta.Trainers.Torch;

/// <summary>Loads libtorch before its first use, or says why it does not load and what to install.</summary>
/// <remarks>
/// TorchSharp on its own blames a missing package whatever the reason, prints to the console and leaves a second copy of libtorch
/// beside the program: so it is asked only after its library is known to load.
/// </remarks>
internal static partial class TorchRuntime
{
    private const string LibtorchVersion = "2.10.0";
    private const string BindingName = "LibTorchSharp";

    private static readonly string[] _supportedPlatforms = ["linux-x64", "win-x64", "osx-arm64"];
    private static readonly string[] _libtorchFiles = ["libtorch_cpu.so", "torch_cpu.dll", "libtorch_cpu.dylib"];
    private static readonly Lazy<TorchLoadFailure?> _failure = new(Load);

    /// <summary>Loads libtorch; does nothing when it is loaded already.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libtorch for this operating system and processor.</exception>
    /// <exception cref="DllNotFoundException">libtorch is missing, or does not load on this system.</exception>
    public static void EnsureLoaded()
    {
        if (_failure.Value is { } failure)
        {
            throw Explain(failure);
        }
    }

    /// <summary>The exception that tells a user what to do about a failure.</summary>
    internal static Exception Explain(TorchLoadFailure failure)
    {
        if (!_supportedPlatforms.Contains(failure.Platform))
        {
            return TrainerThrow.NoLibtorchFor(failure.Platform, _supportedPlatforms);
        }

        if (failure.LibtorchFolder is null)
        {
            return TrainerThrow.LibtorchNotFound(failure.Platform, LibtorchVersion, failure.SearchedFolders);
        }

        string[] telling = [.. failure.LoaderError.Split('\n').Where(line => MissingVersion().IsMatch(line))];
        return TrainerThrow.LibtorchDoesNotLoad(
            failure.LibtorchFolder, Advice(failure),
            telling.Length > 0 ? string.Join(Environment.NewLine, telling) : failure.LoaderError);
    }

    private static string Advice(TorchLoadFailure failure)
    {
        string[] missing = [.. MissingVersion().Matches(failure.LoaderError).Select(match => match.Groups[1].Value).Distinct()];
        if (missing is ["GLIBCXX_3.4.32"])
        {
            return "This system's libstdc++ lacks GLIBCXX_3.4.32, but the program was built on a system that has it: " +
                "build it here, or anywhere with -p:RelaxLibstdcxxRequirement=true.";
        }

        if (missing.Length > 0)
        {
            return $"This system's C or C++ library is too old and lacks {string.Join(", ", missing)}: " +
                "glibc 2.34 and the libstdc++ of GCC 12 are the oldest that work (Debian 12, Ubuntu 22.04).";
        }

        return failure.Platform == "win-x64"
            ? "Install the Microsoft Visual C++ Redistributable (x64) if this machine does not have it."
            : $"Its packages may not belong together: TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)} needs "
                + $"libtorch {LibtorchVersion}.";
    }

    private static TorchLoadFailure? Load()
    {
        var assembly = typeof(torch).Assembly;
        try
        {
            NativeLibrary.TryLoad(
                "torch_cpu", assembly, null, out _); // first, as TorchSharp does: Windows finds no dependencies of dependencies
            NativeLibrary.Load(BindingName, assembly, null);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            string[] folders = SearchedFolders();
            return new(Platform(), folders.FirstOrDefault(HoldsLibtorch), folders, e.Message);
        }
        torch.InitializeDeviceType(DeviceType.CPU);
        NativeHeap.KeepFreedMemory(Environment.GetEnvironmentVariables().Keys.Cast<string>());
        return null;
    }

    private static string Platform()
    {
        string system = OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : RuntimeInformation.RuntimeIdentifier.StartsWith("linux-musl", StringComparison.Ordinal) ? "linux-musl"
            : OperatingSystem.IsLinux() ? "linux"
            : RuntimeInformation.RuntimeIdentifier.Split('-')[0];
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static string[] SearchedFolders()
    {
        string ofRuntime = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return [.. ofRuntime.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append(AppContext.BaseDirectory).Distinct()];
    }

    private static bool HoldsLibtorch(string folder) =>
        _libtorchFiles.Any(file => File.Exists(Path.Combine(folder, file)));

    [GeneratedRegex(@"version `(GLIBC(?:XX)?_[0-9.]+)' not found")]
    private static partial Regex MissingVersion();
}
