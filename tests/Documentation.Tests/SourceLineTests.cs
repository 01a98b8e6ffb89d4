using Xunit;

namespace MLNetMeta.Documentation.Tests;

/// <summary>Lines of the sources are no longer than .editorconfig says; the compiler does not look at that.</summary>
public sealed class SourceLineTests
{
    private const int MaximumLength = 140;

    [Fact]
    public void Lines_OfTheSources_AreAtMost140CharactersLong()
    {
        string[] files =
        [
            .. from folder in (string[])["src", "tests", "samples", "benchmarks"]
               from file in Directory.EnumerateFiles(Path.Combine(DocumentProgram.Folder, folder), "*.cs", SearchOption.AllDirectories)
               let name = Path.GetRelativePath(DocumentProgram.Folder, file)
               where !name.Split(Path.DirectorySeparatorChar).Any(segment => segment is "obj" or "bin")
               select name,
        ];
        string[] tooLong =
        [
            .. from name in files
               from line in File.ReadLines(Path.Combine(DocumentProgram.Folder, name)).Index()
               let length = line.Item.EnumerateRunes().Count()
               where length > MaximumLength
               select $"{name}:{line.Index + 1} has {length} characters",
        ];

        Assert.NotEmpty(files);
        Assert.True(tooLong.Length == 0, string.Join('\n', tooLong));
    }
}
