using System.Globalization;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace MLNetMeta.Documentation.Tests;

/// <summary>
/// C# blocks of a document, one after the other, as the Program.cs of a new console app. <c>&lt;!-- program: NAME --&gt;</c> before a block
/// puts it into a program of its own; blocks of the same name, and those without one, make one program each.
/// </summary>
internal sealed partial record DocumentProgram(string Document, string Name, string Code)
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; "
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly Lazy<MetadataReference[]> _references = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(
            path => MetadataReference.CreateFromFile(path)),
    ]);

    /// <summary>Files of the repository that are compiled with it.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Namespaces that it uses besides those of its own using directives.</summary>
    public IReadOnlyList<string> Usings { get; init; } = [];

    public static DocumentProgram Of(string document, string name = "")
    {
        var code = Blocks(document).Where(block => block.Name == name).SelectMany(block => block.Lines).ToArray();
        var usings = code.Where(line => Using().IsMatch(line)).Distinct();
        return new DocumentProgram(document, name, string.Join('\n', usings.Concat(code.Where(line => !Using().IsMatch(line)))));
    }

    public static IEnumerable<string> Names(string document) => Blocks(document).Select(block => block.Name).Distinct();

    public Assembly Compile()
    {
        using var image = new MemoryStream();
        var errors = Text(Compilation().Emit(image).Diagnostics);
        Assert.True(errors.Length == 0, $"{Document} {Name}\n{errors}\n{Code}");
        return Assembly.Load(image.ToArray());
    }

    /// <summary>What the compiler says against it; empty where it compiles.</summary>
    public string Errors() => Text(Compilation().GetDiagnostics());

    private CSharpCompilation Compilation() => CSharpCompilation.Create(
        "Program", [.. Sources().Select(source => CSharpSyntaxTree.ParseText(source))], _references.Value,
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));

    private static string Text(IEnumerable<Diagnostic> diagnostics) =>
        string.Join('\n', diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));

    private IEnumerable<string> Sources() =>
    [
        ImplicitUsings, string.Concat(Usings.Select(name => $"global using {name};\n")), Code,
        .. Files.Select(file => File.ReadAllText(Path.Combine(Folder, file))),
    ];

    /// <summary>Runs it in a folder and returns what it prints.</summary>
    public string Run(string folder)
    {
        var main = Compile().EntryPoint!;
        var (previousFolder, previousOutput) = (Directory.GetCurrentDirectory(), Console.Out);
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        Directory.SetCurrentDirectory(folder);
        Console.SetOut(TextWriter.Synchronized(output));
        try
        {
            main.Invoke(null, [Array.Empty<string>()]);
        }
        catch (TargetInvocationException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException!);
        }
        finally
        {
            Console.SetOut(previousOutput);
            Directory.SetCurrentDirectory(previousFolder);
        }

        return output.ToString();
    }

    /// <summary>The C# blocks of a document, and the names of the programs that they belong to.</summary>
    public static List<(string Name, List<string> Lines)> Blocks(string document)
    {
        var blocks = new List<(string Name, List<string> Lines)>();
        var (name, isInside) = ("", false);
        foreach (var line in File.ReadLines(Path.Combine(Folder, document)))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                isInside = line == "```csharp";
                if (isInside)
                {
                    blocks.Add((name, []));
                }

                name = "";
            }
            else if (isInside)
            {
                blocks[^1].Lines.Add(line);
            }
            else if (Marker().Match(line) is { Success: true } marker)
            {
                name = marker.Groups[1].Value;
            }
        }

        return blocks;
    }

    public static string Folder { get; } =
        typeof(DocumentProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(
            attribute => attribute.Key == "RepositoryFolder").Value!;

    [GeneratedRegex(@"^using [A-Za-z.]+;$")]
    private static partial Regex Using();

    [GeneratedRegex(@"^<!-- program: (\S+) -->$")]
    private static partial Regex Marker();
}
