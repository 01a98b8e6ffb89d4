using System.Text.RegularExpressions;
using Xunit;

namespace MLNetMeta.Documentation.Tests;

/// <summary>
/// Every C# block of a document compiles: as statements, an expression, a member or a type, among what the text around it says is there; or
/// it is an excerpt of a source file that is compiled. Whole programs have tests of their own.
/// </summary>
public sealed partial class FragmentTests
{
    /// <summary>What blocks use and do not make.</summary>
    private static readonly string[] _given =
    [
        "MLContext ml", "IDataView rows", "IDataView labelledRows", "IDataView firstRows", "IDataView newRows", "IDataView newTasks",
        "IDataView support", "IDataView queries", "IDataView paths", "IDataView newPaths", "IDataView frame", "IDataView history",
        "Learner learner", "Stream stream",
        "Microsoft.AspNetCore.Http.HttpRequest request", "Action<ReadOnlyMemory<byte>> Publish", "IHost host", "FewShotMetrics atFive",
        "FewShotMetrics atTwenty", "ITransformer chain", "IEstimator<ITransformer> pipeline", "string[] args",
    ];

    private static readonly Lazy<string> _sources = new(() => string.Concat(
        from folder in (string[])["samples", "tests"]
        from file in Directory.EnumerateFiles(Path.Combine(DocumentProgram.Folder, folder), "*.cs", SearchOption.AllDirectories)
        where !file.Split(Path.DirectorySeparatorChar).Contains("obj")
        select Space().Replace(File.ReadAllText(file), "")));

    [Fact]
    public void Blocks_OfTheDocuments_Compile()
    {
        var blocks =
            from document in (string[])["guide", "extending", "improving", "cluster", "deployment"]
            from block in DocumentProgram.Blocks($"docs/{document}.md").Index()
            where block.Item.Name.Length == 0
            select (Document: document, block.Index, Code: string.Join('\n', block.Item.Lines));

        string[] failures = [.. blocks.AsParallel().Select(block => Failure(block.Document, block.Index, block.Code)).OfType<string>()];

        Assert.True(failures.Length == 0, string.Join("\n\n", failures));
    }

    /// <summary>Why a block does not compile; null where it does.</summary>
    private static string? Failure(string document, int index, string code)
    {
        if (_sources.Value.Contains(Space().Replace(code, ""), StringComparison.Ordinal))
        {
            return null;
        }

        string? first = null;
        foreach (var source in Contexts(code))
        {
            var errors = Program(document, index, source).Errors();
            if (errors.Length == 0)
            {
                return null;
            }

            first ??= errors;
        }

        return $"docs/{document}.md, block {index}:\n{first}\n{code}";
    }

    private static IEnumerable<string> Contexts(string code)
    {
        var usings = string.Join('\n', code.Split('\n').Where(line => Using().IsMatch(line)));
        var body = string.Join('\n', code.Split('\n').Where(line => !Using().IsMatch(line)));
        yield return Statements(body, history: "IDataView");
        yield return Statements(body, history: "MetaTrainingHistory");
        yield return Statements($"_ = {body};", history: "IDataView");
        yield return $"{usings}\nsealed class Fragment\n{{\n{body}\n}}\nstatic class Program {{ static void Main() {{ }} }}";
        yield return $"{usings}\n{code}";

        string Statements(string statements, string history)
        {
            var given = _given.Select(parameter => parameter == "IDataView history" ? $"{history} history" : parameter)
                .Where(parameter => !Regex.IsMatch(statements, $@"\b[\w<>\[\]]+ {parameter.Split(' ')[^1]} ="));
            return $$"""
                {{usings}}
                static class Fragment
                {
                    static void Main()
                    {
                    }

                    static async Task Of({{string.Join(", ", given)}})
                    {
                        await Task.CompletedTask;
                        {{statements}}
                    }
                }
                """;
        }
    }

    private static DocumentProgram Program(string document, int index, string code) => new(document, $"block {index}", code)
    {
        Usings =
        [
            "Microsoft.AspNetCore.Builder", "Microsoft.Data.Analysis", "Microsoft.Extensions.DependencyInjection",
            "Microsoft.Extensions.Hosting",
            "Microsoft.ML", "Microsoft.ML.Data", "MLNetMeta.Distributed", "MLNetMeta.Samples", "MLNetMeta.Trainers",
            "MLNetMeta.Trainers.Testing",
            "MLNetMeta.Transforms", "Orleans", "Orleans.Hosting", "Xunit",
        ],
        Files = ["samples/CustomLearner/ResidualNetwork.cs", "samples/CustomLearner/LowRankAdapters.cs"],
    };

    [GeneratedRegex(@"^using [A-Za-z.]+;$")]
    private static partial Regex Using();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
