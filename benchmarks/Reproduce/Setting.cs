using System.CommandLine;
using System.Reflection;

namespace MLNetMeta.Reproduce;

/// <summary>What every experiment is told.</summary>
/// <param name="Quick">A small version, to see that it runs; its figures mean nothing.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Output">Folder of tables, plots and finished results; a second run there takes up where the first one stopped.</param>
/// <param name="Threads">Worker threads.</param>
/// <param name="CommandLine">What a reader has to type for the same result.</param>
internal sealed record Setting(bool Quick, int Seed, string Output, int Threads, string CommandLine)
{
    /// <summary>How this program, or another benchmark that uses its settings, is run.</summary>
    private static readonly string _program =
        $"dotnet run -c Release --project benchmarks/{Assembly.GetEntryAssembly()?.GetName().Name?.Split('.')[^1] ?? "Reproduce"} --";

    private static readonly Option<bool> _quick = new("--quick") { Description = "A small version, to see that it runs" };

    private static readonly Option<int> _seed = new("--seed") { Description = "Seed of all random choices", DefaultValueFactory = _ => 1 };

    private static readonly Option<string> _output = new("--output")
    {
        Description = "Folder of tables, plots and finished results", DefaultValueFactory = _ => "results",
    };

    private static readonly Option<int> _threads = AtLeastOne("--threads", "Worker threads", Environment.ProcessorCount);

    /// <summary>A command with the common options and its own.</summary>
    public static Command Command(string name, string description, Action<Setting, ParseResult> run, params Option[] own)
    {
        var command = new Command(name, description) { _quick, _seed, _output, _threads };
        foreach (var option in own)
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            var setting = new Setting(
                parsed.GetValue(_quick), parsed.GetValue(_seed), Path.Combine(parsed.GetValue(_output)!, name), parsed.GetValue(_threads),
                Typed(parsed));
            Directory.CreateDirectory(setting.Output);
            return Guarded(() => run(setting, parsed));
        });
        return command;
    }

    /// <summary>Runs a command; errors that the user can mend are told without a stack trace. Returns the exit code.</summary>
    public static int Guarded(Action run)
    {
        try
        {
            run();
            return 0;
        }
        catch (Exception failure) when (
            failure is ArgumentException or InvalidOperationException or IOException or FormatException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    public static Option<int> AtLeastOne(string name, string description, int usual)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be at least 1.");
            }
        });
        return option;
    }

    /// <summary>The command line without folders that mean something on this machine only.</summary>
    private static string Typed(ParseResult parsed)
    {
        var words = parsed.Tokens.Select(t => Path.IsPathRooted(t.Value) ? Path.GetFileName(t.Value.TrimEnd('/', '\\')) : t.Value).ToList();
        var output = words.IndexOf(_output.Name);
        if (output >= 0)
        {
            words.RemoveRange(output, Math.Min(2, words.Count - output));
        }

        return string.Join(' ', words
            .Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word).Prepend(_program));
    }

    public string FileIn(string name) => Path.Combine(Output, name);
}
