using TorchSharp;
using Xunit;

namespace MLNetMeta.Trainers.Tests.Torch;

public sealed class TorchRuntimeTests
{
    private const string TooOld = "/app/libLibTorchSharp.so: /usr/lib/libstdc++.so.6: version `VERSION' not found (required by "
        + "/app/libLibTorchSharp.so)";

    [Fact]
    public void EnsureLoaded_LibtorchReferenced_TensorsCompute()
    {
        TorchRuntime.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        Assert.Equal(3f, torch.ones(3).sum().item<float>());
    }

    [Theory]
    [InlineData("linux-arm64")]
    [InlineData("linux-musl-x64")]
    [InlineData("osx-x64")]
    public void Explain_PlatformWithoutLibtorch_NamesThePlatforms(string platform)
    {
        var exception = TorchRuntime.Explain(Failure(platform));
        Assert.IsType<PlatformNotSupportedException>(exception);
        Assert.Contains(
            $"does not exist for {platform}, only for linux-x64, win-x64, osx-arm64", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-x64")]
    [InlineData("win-x64")]
    [InlineData("osx-arm64")]
    public void Explain_PackageMissing_NamesThePackageOfThePlatform(string platform)
    {
        var exception = TorchRuntime.Explain(Failure(platform));
        Assert.IsType<DllNotFoundException>(exception);
        Assert.Contains($"dotnet add package libtorch-cpu-{platform} --version 2.10.0", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Searched: /app", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GLIBCXX_3.4.32", "build it here")]
    [InlineData("GLIBCXX_3.4.30", "lacks GLIBCXX_3.4.30: glibc 2.34 and the libstdc++ of GCC 12")]
    [InlineData("GLIBC_2.34", "lacks GLIBC_2.34: glibc 2.34 and the libstdc++ of GCC 12")]
    public void Explain_SystemLibraryTooOld_NamesTheVersionAndTheRemedy(string version, string remedy)
    {
        string loaderError = TooOld.Replace("VERSION", version, StringComparison.Ordinal);
        var exception = TorchRuntime.Explain(
            Failure("linux-x64", "/app", $"/elsewhere: no such file\n{loaderError}\n/nowhere: no such file"));
        Assert.IsType<DllNotFoundException>(exception);
        Assert.Contains(remedy, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith($"Loader error: {loaderError}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("win-x64", "Visual C++ Redistributable")]
    [InlineData("linux-x64", "TorchSharp 0.107.0 needs libtorch 2.10.0")]
    public void Explain_AnotherReason_KeepsTheLoadersWords(string platform, string advice)
    {
        var exception = TorchRuntime.Explain(Failure(platform, "/app", "undefined symbol: at_thing"));
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Loader error: undefined symbol: at_thing", exception.Message, StringComparison.Ordinal);
    }

    private static TorchLoadFailure Failure(string platform, string? folder = null, string loaderError = "no such file") =>
        new(platform, folder, ["/app"], loaderError);
}
