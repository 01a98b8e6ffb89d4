using System.Text.RegularExpressions;
using Xunit;

namespace MLNetMeta.Documentation.Tests;

/// <summary>Links from one document to another, or into it, lead somewhere.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Documents
    {
        get
        {
            string[] folders = ["docs", "samples", "benchmarks", "src"];
            return
            [
                .. Directory.EnumerateFiles(DocumentProgram.Folder, "*.md")
                    .Concat(folders.SelectMany(folder => Directory.EnumerateFiles(
                        Path.Combine(DocumentProgram.Folder, folder), "*.md", SearchOption.AllDirectories)))
                    .Where(file => !Generated().IsMatch(file))
                    .Select(file => Path.GetRelativePath(DocumentProgram.Folder, file).Replace('\\', '/')),
            ];
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_OfADocument_LeadSomewhere(string document)
    {
        var path = Path.Combine(DocumentProgram.Folder, document);
        Assert.Empty(
            from link in Link().Matches(WithoutCode(File.ReadAllText(path)))
            let target = link.Groups[1].Value
            where !target.Contains("://", StringComparison.Ordinal) && !IsThere(path, target)
            select target);
    }

    private static bool IsThere(string document, string target)
    {
        var (name, anchor) = target.Split('#') is [var file, var heading] ? (file, heading) : (target, null);
        var path = name.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, name);
        return anchor is null
            ? File.Exists(path) || Directory.Exists(path)
            : File.Exists(path) && Headings(path).Contains(anchor);
    }

    /// <summary>Headings as GitHub links to them: lower case, words joined by hyphens, without punctuation.</summary>
    private static IEnumerable<string> Headings(string path) => WithoutCode(File.ReadAllText(path)).Split('\n')
        .Where(line => line.StartsWith('#'))
        .Select(line => Punctuation().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private static string WithoutCode(string text) => CodeBlock().Replace(text, "");

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    // Fragments are written to be read from docs/results.md.
    [GeneratedRegex(@"[\\/](obj|bin|node_modules|output|results)[\\/]")]
    private static partial Regex Generated();
}
