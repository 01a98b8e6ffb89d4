using System.Globalization;
using MLNetMeta.Testing;
using Xunit;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace MLNetMeta.Documentation.Tests;

/// <summary>The C# of README and of the first page of the docs, typed in the order given into a new console app.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void Readme_AsPasted_LearnsANewMachine()
    {
        using var folder = new TemporaryFolder();
        var program = DocumentProgram.Of("README.md");

        var output = program.Run(folder.Path);

        Assert.InRange(
            program.Code.Split('\n').Count(line => line.Trim().Length > 0 && !line.StartsWith("//", StringComparison.Ordinal)), 1, 25);
        Assert.True(File.Exists(folder.File("machine.onnx")));
        var r2 = double.Parse(output.Split(':')[^1], CultureInfo.InvariantCulture);
        Assert.InRange(r2, 0.9, 1);
    }

    [Fact]
    public void GettingStarted_AsTyped_Works()
    {
        using var folder = new TemporaryFolder();

        var output = DocumentProgram.Of("docs/getting-started.md").Run(folder.Path);

        Assert.All(
            ["meta.zip", "machine-7.zip", "machine-7.onnx", "machines.csv"], file => Assert.True(File.Exists(folder.File(file)), file));
        Assert.Contains("Accuracy", output, StringComparison.Ordinal);
        Assert.Contains("600 episodes, 30 predictions", output, StringComparison.Ordinal);
    }
}
