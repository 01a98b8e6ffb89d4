using System.Reflection;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Reproduce.Tests;

public sealed class ResultsDocumentTests : IDisposable
{
    private readonly TemporaryFolder _fragments = new();

    private readonly TemporaryFolder _output = new();

    private static string Docs =>
        typeof(ResultsDocumentTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "DocsFolder").Value!;

    [Fact]
    public void Results_InTheRepository_AreTheAssembledFragments() => Assert.Equal(
        ResultsDocument.Assemble(Path.Combine(Docs, "results")),
        File.ReadAllText(Path.Combine(Docs, "results.md")).ReplaceLineEndings("\n"));

    [Fact]
    public void Fragments_InTheRepository_AreOfNoQuickRun() => Assert.All(
        Directory.GetFiles(Path.Combine(Docs, "results")), file =>
            Assert.DoesNotContain(Table.QuickNotice, File.ReadAllText(file), StringComparison.Ordinal));

    [Fact]
    public void Assemble_Fragments_FollowTheirNumbers()
    {
        Fragment("20-b.md", "## B\r\ntext\r\n");
        Fragment("05-a.md", "# A\n");
        Fragment("10-empty.md", "");
        var document = ResultsDocument.Assemble(_fragments.Path);
        Assert.EndsWith("-->\n# A\n\n## B\ntext\n", document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.md", "name it NN-a.md")]
    [InlineData("05-b.md", "have the same place")]
    public void Assemble_NameWithoutAPlaceOfItsOwn_SaysSo(string name, string said)
    {
        Fragment("05-x.md", "x");
        Fragment(name, "y");
        Assert.Contains(
            said, Assert.Throws<FormatException>(() => ResultsDocument.Assemble(_fragments.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Assemble_NoFragments_SaysWhatIsExpected() =>
        Assert.Contains(
            "has no fragments", Assert.Throws<FormatException>(() => ResultsDocument.Assemble(_fragments.Path)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Take_TablesOfExperiments_ReplaceTheFragmentsOfTheirNames()
    {
        Fragment("10-mine.md", "by hand");
        Fragment("20-known.md", "");
        Output("one", "known.md", "## New\n");
        Output("two", "detail.md", "## Detail\n");
        var (taken, left) = ResultsDocument.Take(_fragments.Path, _output.Path);
        Assert.Equal(["known"], taken);
        Assert.Equal(["detail"], left);
        Assert.Equal("## New\n", File.ReadAllText(_fragments.File("20-known.md")));
        Assert.Equal("by hand", File.ReadAllText(_fragments.File("10-mine.md")));
    }

    [Fact]
    public void Take_TableOfAQuickRun_IsRefused()
    {
        Fragment("20-known.md", "kept");
        Output("one", "known.md", $"## New\n{Table.QuickNotice}\n");
        Assert.Contains(
            "--quick", Assert.Throws<FormatException>(() => ResultsDocument.Take(_fragments.Path, _output.Path)).Message,
            StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(_fragments.File("20-known.md")));
    }

    public void Dispose()
    {
        _fragments.Dispose();
        _output.Dispose();
    }

    private void Fragment(string name, string text) => File.WriteAllText(_fragments.File(name), text);

    private void Output(string experiment, string name, string text)
    {
        Directory.CreateDirectory(_output.File(experiment));
        File.WriteAllText(Path.Combine(_output.File(experiment), name), text);
    }
}
