using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

/// <summary>The command on small generated images; Omniglot's are in <see cref="SealedTestTests"/>.</summary>
[Collection(ConsoleTests.Name)]
public sealed class VisualExperimentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Visual_QuickOnCifarFs_ComparesAllWeightsAndReferences()
    {
        Strips.WriteCifarFs(_folder.Path);
        string[] arguments =
        [
            "visual", "--cifar-fs", _folder.Path, "--quick", "--threads", "1", "--output", _folder.File("out"), "--only",
        ];
        var results = Path.Combine(_folder.File("out"), "visual");

        Assert.Equal(0, Experiments.Command().Parse([.. arguments, VisualSettings.AllWeights]).Invoke());
        var table = File.ReadAllText(Path.Combine(results, "visual-CIFAR-FS-validation.md"));
        Assert.Contains("accuracy on validation classes, % | 5-way 1-shot | 5-way 5-shot", table, StringComparison.Ordinal);
        Assert.All(
            VisualSettings.All(CifarFsImages.Image).Where(s => s.Group == VisualSettings.AllWeights),
            training => Assert.Contains($"| {training.Name} | ", table, StringComparison.Ordinal));
        Assert.DoesNotContain("readout fast", table, StringComparison.Ordinal);
        Assert.DoesNotContain("R2D2", table, StringComparison.Ordinal);
        Assert.Contains("All weights: scaled down from the paper", table, StringComparison.Ordinal);
        Assert.Contains("image passes a meta-step", table, StringComparison.Ordinal);

        Assert.Equal(0, Experiments.Command().Parse([.. arguments, "iMAML", "--final"]).Invoke());
        Assert.Contains(
            "| published: R2D2", File.ReadAllText(Path.Combine(results, "visual-CIFAR-FS.md")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--filters", "0", "Filters must be at least 1")]
    [InlineData("--ways", "1", "Tasks.Ways must be at least 2")]
    [InlineData("--meta-steps", "-1", "Training.Steps must be at least 0")]
    public void Visual_FinalWithAWrongOption_LeavesTheTestClassesSealed(string option, string value, string message)
    {
        Strips.WriteCifarFs(_folder.Path);
        using var errors = new StringWriter();
        var before = Console.Error;
        Console.SetError(errors);
        try
        {
            Assert.Equal(1, Experiments.Command().Parse(
                [
                    "visual", "--cifar-fs", _folder.Path, "--output", _folder.File("out"), "--final", "--only", "readout fast", option,
                    value,
                ]).Invoke());
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.Contains(message, errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.File("out"), "visual")));
    }

    [Fact]
    public void Visual_MirroredCharacters_AreRefused() =>
        Assert.Equal(
            1, Experiments.Command().Parse(["visual", "--omniglot", _folder.Path, "--augment", "--output", _folder.Path]).Invoke());
}
