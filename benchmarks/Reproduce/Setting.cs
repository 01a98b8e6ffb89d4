using System.CommandLine;

namespace MLNetMeta.Reproduce;

/// <summary>What every experiment is told.</summary>
/// <param name="Quick">A small version, to see that it runs; its figures mean nothing.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Output">Folder of tables, plots and finished results; a second run there takes up where the first one stopped.</param>
/// <param name="Threads">Worker threads.</param>
internal sealed record Setting(bool Quick, int Seed, string Output, int Threads)
{
    private static readonly Option<bool> _quick = new("--quick") { Description = "A small version, to see that it runs" };

    private static readonly Option<int> _seed = new("--seed") { Description = "Seed of everything random", DefaultValueFactory = _ => 1 };

    private static readonly Option<string> _output = new("--output") { Description = "Folder of tables, plots and finished results", DefaultValueFactory = _ => "results" };

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
            var setting = new Setting(parsed.GetValue(_quick), parsed.GetValue(_seed), Path.Combine(parsed.GetValue(_output)!, name), parsed.GetValue(_threads));
            Directory.CreateDirectory(setting.Output);
            try
            {
                run(setting, parsed);
                return 0;
            }
            catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or IOException or FormatException)
            {
                Console.Error.WriteLine(failure.Message);
                return 1;
            }
        });
        return command;
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

    public string FileIn(string name) => Path.Combine(Output, name);
}
