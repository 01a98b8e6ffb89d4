using MLNetMeta.Testing;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace MLNetMeta.Documentation.Tests;

/// <summary>README's C#, typed in the order given into a new console app.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Program_AsTyped_Works()
    {
        using var folder = new TemporaryFolder();

        var output = DocumentProgram.Of("README.md").Run(folder.Path);

        Assert.All(
            ["meta.zip", "machine-7.zip", "machine-7.onnx", "machines.csv"], file => Assert.True(File.Exists(folder.File(file)), file));
        Assert.Contains("Accuracy", output, StringComparison.Ordinal);
        Assert.Contains("600 episodes, 30 predictions", output, StringComparison.Ordinal);
    }
}
