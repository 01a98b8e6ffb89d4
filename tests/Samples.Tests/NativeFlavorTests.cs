using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Xunit;

namespace MLNetMeta.Samples.Tests;

/// <summary>Which native packages a program of this repository gets. The project files are evaluated, nothing is restored: GPU packages are
/// large, and not to be had everywhere.</summary>
public sealed class NativeFlavorTests
{
    private const string Trains = "OmniglotFewShot", Predicts = "PersonalizationApi";

    [Theory]
    [InlineData(Trains, "linux-x64", "", "libtorch-cpu-linux-x64", "Microsoft.ML.OnnxRuntime")]
    [InlineData(Trains, "win-x64", "", "libtorch-cpu-win-x64", "Microsoft.ML.OnnxRuntime")]
    [InlineData(Trains, "osx-arm64", "", "libtorch-cpu-osx-arm64", "Microsoft.ML.OnnxRuntime")]
    [InlineData(Trains, "linux-x64", "TorchFlavor=Cuda", "libtorch-cuda-12.8-linux-x64", "Microsoft.ML.OnnxRuntime")]
    [InlineData(Trains, "win-x64", "TorchFlavor=Cuda OnnxRuntimeFlavor=Gpu", "libtorch-cuda-12.8-win-x64", "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData(Trains, "linux-arm64", "", "Microsoft.ML.OnnxRuntime")]
    [InlineData(Predicts, "linux-x64", "", "Microsoft.ML.OnnxRuntime")]
    [InlineData(Predicts, "linux-x64", "OnnxRuntimeFlavor=Gpu", "Microsoft.ML.OnnxRuntime.Gpu")]
    [InlineData(Predicts, "linux-x64", "TorchFlavor=Cuda", "Microsoft.ML.OnnxRuntime")]
    public async Task Evaluate_Flavors_ReferencesTheNativePackages(
        string program, string platform, string flavors, params string[] packages)
    {
        var (status, output) = await MSBuild(
            program, [$"-p:RuntimeIdentifier={platform}", .. Properties(flavors), "-getItem:PackageReference,PackageVersion"]);

        Assert.True(status == 0, output);
        var items = JsonDocument.Parse(output).RootElement.GetProperty("Items");
        Assert.Equal(
            packages, Identities("PackageReference").Where(IsNative).Order(StringComparer.Ordinal).OrderByDescending(name => name[0]));
        Assert.All(packages, package => Assert.Contains(package, Identities("PackageVersion")));

        IEnumerable<string> Identities(string item) =>
            items.GetProperty(item).EnumerateArray().Select(package => package.GetProperty("Identity").GetString()!);
    }

    [Theory]
    [InlineData("TorchFlavor=Rocm", "it must be Cpu or Cuda")]
    [InlineData("OnnxRuntimeFlavor=Cuda", "it must be Cpu or Gpu")]
    public async Task Evaluate_UnknownFlavor_SaysWhichThereAre(string flavors, string message)
    {
        var (status, output) = await MSBuild(Trains, [.. Properties(flavors), "-t:CheckNativeFlavors"]);

        Assert.NotEqual(0, status);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    private static bool IsNative(string package) =>
        package.StartsWith("libtorch-", StringComparison.Ordinal)
            || package.StartsWith("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal);

    private static IEnumerable<string> Properties(string flavors) =>
        flavors.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(flavor => $"-p:{flavor}");

    private static async Task<(int Status, string Output)> MSBuild(string program, IEnumerable<string> arguments)
    {
        var samples = typeof(NativeFlavorTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            a => a.Key == "SamplesFolder").Value!;
        var start = new ProcessStartInfo("dotnet", ["msbuild", Path.Combine(samples, program), "-nologo", "-nodeReuse:false", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
