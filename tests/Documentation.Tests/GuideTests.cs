using System.Globalization;
using System.Text.RegularExpressions;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Documentation.Tests;

/// <summary>The guide's whole programs, each typed into a console app of its own.</summary>
public sealed partial class GuideTests
{
    [Fact]
    public void Shared_AsTyped_CountsEveryQuery()
    {
        var output = Run("shared");

        Assert.StartsWith("sits, walks, runs", output, StringComparison.Ordinal);
        Assert.Contains("60 queries", output, StringComparison.Ordinal);
        Assert.InRange(double.Parse(Number().Match(output).Groups[1].Value, CultureInfo.InvariantCulture), 0.6, 1);
    }

    [Fact]
    public void Binary_AsTyped_RanksYesBeforeNo() =>
        Assert.InRange(double.Parse(Number().Match(Run("binary")).Groups[1].Value, CultureInfo.InvariantCulture), 0.9, 1);

    private static string Run(string name)
    {
        using var folder = new TemporaryFolder();
        return DocumentProgram.Of("docs/guide.md", name).Run(folder.Path);
    }

    [GeneratedRegex(@"(?:accuracy|AUC) (\d+\.\d+)")]
    private static partial Regex Number();
}
